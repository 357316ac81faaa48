"""Shapes of sign-in, people, devices and sessions, in and out."""

import re
import unicodedata
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from rest_framework import serializers

from accounts.models import Device, DeviceSession
from accounts.passwords import MAX_LENGTH as LONGEST_PASSWORD
from accounts.types import DeviceClaim, Platform
from core.http.serializers import ModelSerializer, Serializer

_LOCALE = re.compile(r"\A[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z")  # language, script, region of RFC 5646
_PHONE = re.compile(r"\A\+[1-9][0-9]{6,14}\Z")  # ITU-T E.164
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}  # part of the spelling of names in Persian, Hindi and others


class NameField(serializers.CharField):
    """A name of somebody or something, in NFC, without characters that hide or turn text around."""

    def to_internal_value(self, data: Any) -> str:
        name = unicodedata.normalize("NFC", super().to_internal_value(data))
        if any(unicodedata.category(letter) in _UNPRINTABLE and letter not in _JOINERS for letter in name):
            raise serializers.ValidationError("Use printable characters only.", code="unprintable")
        return name


class PasswordField(serializers.CharField):
    """A password exactly as typed: nothing of it is trimmed or normalised."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, write_only=True, **options)


class DeviceClaimSerializer(Serializer):
    id = serializers.UUIDField(required=False)
    platform = serializers.ChoiceField(choices=[platform.value for platform in Platform])
    name = NameField(max_length=100, required=False, allow_blank=True)
    model = NameField(max_length=100, required=False, allow_blank=True)
    os_version = NameField(max_length=50, required=False, allow_blank=True)
    app_version = NameField(max_length=50, required=False, allow_blank=True)
    fingerprint = serializers.CharField(max_length=256, required=False, allow_blank=True)

    def to_internal_value(self, data: Any) -> Any:
        claim = super().to_internal_value(data)
        return DeviceClaim(**{**claim, "platform": Platform(claim["platform"])})


class RegisterSerializer(Serializer):
    email = serializers.CharField(max_length=320)
    password = PasswordField()
    full_name = NameField(max_length=150, required=False, allow_blank=True)
    device = DeviceClaimSerializer(required=False, default=DeviceClaim)


class LoginSerializer(Serializer):
    email = serializers.CharField(max_length=320)
    password = PasswordField(max_length=LONGEST_PASSWORD)
    device = DeviceClaimSerializer(required=False, default=DeviceClaim)


class RefreshSerializer(Serializer):
    refresh_token = serializers.CharField(write_only=True)


class LogoutSerializer(Serializer):
    everywhere = serializers.BooleanField(required=False, default=False)


class EmailSerializer(Serializer):
    email = serializers.CharField(max_length=320)


class ResetPasswordSerializer(Serializer):
    token = serializers.CharField(max_length=128)
    new_password = PasswordField()


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


class DeviceSerializer(ModelSerializer):
    class Meta:
        model = Device
        fields = ("id", "platform", "name", "model", "os_version", "app_version", "last_seen_at", "created_at")
        read_only_fields = fields


class DeviceRenameSerializer(Serializer):
    name = NameField(max_length=100)


class SessionSerializer(ModelSerializer):
    device = DeviceSerializer()
    is_current = serializers.SerializerMethodField()
    last_used_at = serializers.DateTimeField(source="rotated_at")
    signed_in_at = serializers.DateTimeField(source="auth_time")

    class Meta:
        model = DeviceSession
        fields = (
            "id",
            "device",
            "is_current",
            "ip_address",
            "user_agent",
            "signed_in_at",
            "last_used_at",
            "expires_at",
        )
        read_only_fields = fields

    def get_is_current(self, session: DeviceSession) -> bool:
        return bool(session.id == self.context["request"].user.session_id)


class TokenAnswerSerializer(Serializer):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField()
    refresh_expires_in = serializers.IntegerField()
    scope = serializers.CharField()
    user = AccountSerializer()
    device = DeviceSerializer()


class SecurityEventSerializer(Serializer):
    id = serializers.UUIDField()
    action = serializers.CharField()
    outcome = serializers.CharField()
    reason = serializers.CharField()
    channel = serializers.CharField()
    ip_address = serializers.CharField(source="ip")
    user_agent = serializers.CharField()
    session_id = serializers.UUIDField(allow_null=True)
    device_id = serializers.UUIDField(allow_null=True)
    recorded_at = serializers.DateTimeField()


class MessageSerializer(Serializer):
    message = serializers.CharField()


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())
