"""Shapes of exports, deletions, consents and requests, in and out."""

from typing import Any

from rest_framework import serializers

from core.background_files import is_downloadable
from core.http.links import Link, Links
from core.http.serializers import ModelSerializer, Serializer
from privacy.models import ConsentEntry, Export, PrivacyRequest
from privacy.types import ErasureStatus, RequestKind

BY_STAFF = [RequestKind.CORRECT, RequestKind.RESTRICT, RequestKind.OBJECT, RequestKind.LIMIT]


def _may_download(_: Any, status: str, expires_at: Any) -> bool:
    return is_downloadable(status, expires_at)


def _may_cancel(_: Any, is_cancellable: bool) -> bool:
    return is_cancellable


class ExportSerializer(ModelSerializer):
    links = Links(
        "privacy/exports",
        (Link("download", "GET", "/download", when=_may_download, of=("status", "expires_at")),),
    )

    size = serializers.IntegerField(read_only=True)  # bytes

    class Meta:
        model = Export
        fields = ("id", "status", "progress", "size", "created_at", "ready_at", "expires_at", "downloaded_at")
        read_only_fields = fields


class DeletionSerializer(Serializer):
    links = Links("auth/me", (Link("cancel", "DELETE", when=_may_cancel, of=("is_cancellable",)),), id="place")

    id = serializers.UUIDField()
    status = serializers.ChoiceField([status.value for status in ErasureStatus])
    requested_at = serializers.DateTimeField()
    executes_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class ConsentSerializer(Serializer):
    purpose = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    current_version = serializers.IntegerField()
    given = serializers.BooleanField()
    version = serializers.IntegerField(allow_null=True)
    is_outdated = serializers.BooleanField()
    decided_at = serializers.DateTimeField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]


class ConsentListSerializer(Serializer):
    data = ConsentSerializer(many=True)  # type: ignore[assignment]


class ConsentDecisionSerializer(Serializer):
    given = serializers.BooleanField()
    version = serializers.IntegerField(required=False, min_value=1)


class ConsentEntrySerializer(ModelSerializer):
    class Meta:
        model = ConsentEntry
        fields = ("id", "purpose", "version", "text_digest", "given", "source", "device_id", "recorded_at")
        read_only_fields = fields


class PrivacySettingsSerializer(Serializer):
    do_not_sell = serializers.BooleanField()


class PrivacyStatusSerializer(Serializer):
    do_not_sell = serializers.BooleanField()
    gpc_in_request = serializers.BooleanField()
    gpc_honoured_at = serializers.DateTimeField(allow_null=True)
    consents = ConsentSerializer(many=True)
    deletion = DeletionSerializer(allow_null=True)


class PrivacyRequestSerializer(ModelSerializer):
    class Meta:
        model = PrivacyRequest
        fields = ("id", "kind", "status", "message", "outcome", "created_at", "confirm_by", "due_at", "closed_at")
        read_only_fields = fields


class PrivacyRequestCreateSerializer(Serializer):
    kind = serializers.ChoiceField([kind.value for kind in BY_STAFF])
    message = serializers.CharField(max_length=4000)


class AddressSerializer(Serializer):
    email = serializers.CharField(max_length=320)


class PrivacyAnswerSerializer(Serializer):
    message = serializers.CharField()


class RetainedSerializer(Serializer):
    collection = serializers.CharField()
    category = serializers.CharField()
    field_names = serializers.ListField(child=serializers.CharField())
    purpose = serializers.CharField()
    basis = serializers.CharField()
    retention = serializers.CharField()
    shared_with = serializers.ListField(child=serializers.CharField())
    erasure = serializers.CharField()


class RetentionSerializer(Serializer):
    data = RetainedSerializer(many=True)  # type: ignore[assignment]
