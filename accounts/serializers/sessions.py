"""Sessions, and the security trail, as their owners see them."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from accounts.models import DeviceSession
from accounts.serializers.devices import DeviceSerializer
from core import context
from core.http.serializers import Computed, ModelSerializer, Serializer


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


def _unless_of_staff(value: Any, actor_id: UUID | None) -> Any:
    """From where staff acted upon an account is theirs to know; from where strangers did is its owner's."""
    return value if actor_id is None or str(actor_id) == context.current().user_id else None


class SecurityEventSerializer(Serializer):
    id = serializers.UUIDField()
    action = serializers.CharField()
    outcome = serializers.CharField()
    reason = serializers.CharField()
    channel = serializers.CharField()
    ip_address = Computed(_unless_of_staff, "ip", "user_id", output=serializers.CharField(allow_null=True))
    user_agent = Computed(_unless_of_staff, "user_agent", "user_id", output=serializers.CharField(allow_null=True))
    session_id = Computed(_unless_of_staff, "session_id", "user_id", output=serializers.UUIDField(allow_null=True))
    device_id = Computed(_unless_of_staff, "device_id", "user_id", output=serializers.UUIDField(allow_null=True))
    recorded_at = serializers.DateTimeField()
