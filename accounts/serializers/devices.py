"""Devices: as clients describe them, and as their owners see them."""

from typing import Any

from rest_framework import serializers

from accounts.models import Device
from accounts.serializers.fields import NameField
from accounts.types import DeviceClaim, Platform
from core.http.access import Assurance
from core.http.serializers import Computed, ModelSerializer, Serializer


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


def assurance_name(level: int) -> str:
    return Assurance(level).name.lower()


class DeviceSerializer(ModelSerializer):
    assurance = Computed(
        assurance_name, "assurance", output=serializers.ChoiceField(choices=[level.name.lower() for level in Assurance])
    )

    class Meta:
        model = Device
        fields = (
            "id", "platform", "name", "model", "os_version", "app_version", "assurance", "last_seen_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class DeviceRenameSerializer(Serializer):
    name = NameField(max_length=100)
