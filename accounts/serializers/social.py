"""Signing in with a provider, and the identities of one's own."""

from typing import Any

from rest_framework import serializers

from accounts.models import SocialIdentity
from accounts.providers.id_tokens import MAX_LENGTH as LONGEST_ID_TOKEN
from accounts.providers.types import Proof
from accounts.serializers.devices import DeviceClaimSerializer
from accounts.serializers.fields import NameField
from accounts.types import DeviceClaim, Provider
from core.http.serializers import ModelSerializer, Serializer


class ProofSerializer(Serializer):
    """What a provider gave the app: an ID token, or Facebook's access token; `nonce` is ours, as we gave it out."""

    id_token = serializers.CharField(max_length=LONGEST_ID_TOKEN, required=False)
    access_token = serializers.CharField(max_length=4096, required=False)
    nonce = serializers.CharField(max_length=128, required=False)
    authorization_code = serializers.CharField(max_length=2048, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("id_token" in attrs) == ("access_token" in attrs):
            raise serializers.ValidationError({"id_token": "Send either id_token or access_token."}, code="one_of")
        proof = Proof(**{name: attrs.pop(name) for name in Proof.__dataclass_fields__ if name in attrs})
        return {**attrs, "proof": proof}


class SocialSignInSerializer(ProofSerializer):
    full_name = NameField(max_length=150, required=False, allow_blank=True)
    device = DeviceClaimSerializer(required=False, default=DeviceClaim)


class LinkIdentitySerializer(ProofSerializer):
    provider = serializers.ChoiceField(choices=[provider.value for provider in Provider])

    def validate_provider(self, value: str) -> Provider:
        return Provider(value)


class NonceSerializer(Serializer):
    nonce = serializers.CharField(source="token")
    expires_at = serializers.DateTimeField()


class IdentitySerializer(ModelSerializer):
    class Meta:
        model = SocialIdentity
        fields = ("id", "provider", "email", "is_email_verified", "last_used_at", "created_at")
        read_only_fields = fields
