"""Shapes of passkeys. What WebAuthn defines is data here: its names keep their case on every surface."""

from rest_framework import serializers

from accounts.models import Passkey
from accounts.serializers.devices import DeviceClaimSerializer
from accounts.serializers.fields import NameField
from accounts.types import DeviceClaim
from core.http.serializers import ModelSerializer, Serializer


class CredentialField(serializers.DictField):
    """`RegistrationResponseJSON` or `AuthenticationResponseJSON` of WebAuthn level 3, as `toJSON()` gives it."""


class PasskeyOptionsSerializer(Serializer):
    public_key = serializers.DictField(help_text="What `navigator.credentials` takes, in WebAuthn's own JSON.")
    expires_at = serializers.DateTimeField()


class PasskeyRegisterSerializer(Serializer):
    credential = CredentialField()
    name = NameField(max_length=100, required=False)


class PasskeyOfferSerializer(Serializer):
    email = serializers.CharField(max_length=320, required=False)


class PasskeySignInSerializer(Serializer):
    credential = CredentialField()
    device = DeviceClaimSerializer(required=False, default=DeviceClaim)


class PasskeyStepUpSerializer(Serializer):
    credential = CredentialField()


class PasskeyRenameSerializer(Serializer):
    name = NameField(max_length=100)


class PasskeySerializer(ModelSerializer):
    transports = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Passkey
        fields = (
            "id", "name", "aaguid", "transports", "is_backup_eligible", "is_backed_up", "last_used_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields
