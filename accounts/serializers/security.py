"""The screen on which people look after their account."""

from rest_framework import serializers

from accounts.serializers.devices import DeviceSerializer
from accounts.serializers.factors import SecondFactorSerializer
from accounts.serializers.passkeys import PasskeySerializer
from accounts.serializers.sessions import SecurityEventSerializer, SessionSerializer
from accounts.serializers.social import IdentitySerializer
from core.http.serializers import Serializer


class SecuritySerializer(Serializer):
    email = serializers.CharField()
    is_email_verified = serializers.BooleanField()
    has_password = serializers.BooleanField()
    second_factor = SecondFactorSerializer()
    passkeys = PasskeySerializer(many=True)
    identities = IdentitySerializer(many=True)
    sessions = SessionSerializer(many=True)
    devices = DeviceSerializer(many=True)
    recent_events = SecurityEventSerializer(many=True)
    recovery_ready_at = serializers.DateTimeField(allow_null=True)
    payouts_held_until = serializers.DateTimeField(allow_null=True)
