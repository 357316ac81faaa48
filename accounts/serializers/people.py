"""People as they see and change themselves."""

import re
from functools import lru_cache
from zoneinfo import available_timezones

from rest_framework import serializers

from accounts.serializers.fields import NameField
from core.http.serializers import Serializer

_LOCALE = re.compile(r"\A[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z")  # language, script, region of RFC 5646
_PHONE = re.compile(r"\A\+[1-9][0-9]{6,14}\Z")  # ITU-T E.164


class WorkspaceSerializer(Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    currency = serializers.CharField()
    role = serializers.CharField()


class AccountSerializer(Serializer):
    id = serializers.UUIDField()
    email = serializers.CharField()
    full_name = serializers.CharField()
    phone = serializers.CharField()
    is_email_verified = serializers.BooleanField()
    locale = serializers.CharField()
    timezone = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    scopes = serializers.ListField(child=serializers.CharField())
    workspace = WorkspaceSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ProfileUpdateSerializer(Serializer):
    """What somebody may change of themselves."""

    full_name = NameField(max_length=150, required=False, allow_blank=True)
    phone = serializers.RegexField(_PHONE, required=False, allow_blank=True)
    locale = serializers.RegexField(_LOCALE, max_length=35, required=False)
    timezone = serializers.CharField(max_length=64, required=False)

    def validate_timezone(self, value: str) -> str:
        if value not in _time_zones():
            raise serializers.ValidationError("Use a name of the IANA time zone database.", code="unknown_timezone")
        return value


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
