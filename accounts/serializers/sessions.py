"""Sessions, and the security trail, as their owners see them."""

from rest_framework import serializers

from accounts.models import DeviceSession
from accounts.serializers.devices import DeviceSerializer
from core.http.serializers import ModelSerializer, Serializer


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
