"""Shapes of biometric keys and of what they sign."""

import base64
import binascii
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import BiometricKey
from accounts.p256 import from_der, from_jwk
from accounts.types import Signing
from core.http.serializers import ModelSerializer, Serializer

_MAX_SPKI = 512  # letters; one of P-256 has 124


@extend_schema_field({"oneOf": [{"type": "object"}, {"type": "string"}]})
class PublicKeyField(serializers.Field[Any, Any, Any, Any]):
    """A public P-256 key: a JSON Web Key, or a DER SubjectPublicKeyInfo in base64 of either alphabet."""

    def to_internal_value(self, data: Any) -> EllipticCurvePublicKey:
        try:
            return from_jwk(data) if isinstance(data, dict) else from_der(self._bytes(data))
        except ValueError:
            raise serializers.ValidationError("Send a public P-256 key.", code="invalid_key") from None

    def _bytes(self, data: Any) -> bytes:
        if not isinstance(data, str) or len(data) > _MAX_SPKI or not data.isascii():
            raise ValueError
        plain = data.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        except binascii.Error as error:
            raise ValueError from error


class BiometricEnrollSerializer(Serializer):
    public_key = PublicKeyField()


class BiometricKeySerializer(ModelSerializer):
    class Meta:
        model = BiometricKey
        fields = ("device_id", "created_at", "last_used_at")
        read_only_fields = fields


class BiometricAskSerializer(Serializer):
    device_id = serializers.UUIDField()
    purpose = serializers.ChoiceField(choices=[signing.value for signing in Signing])
    transaction = serializers.DictField(required=False, help_text="What is to happen; its names keep their case.")

    def validate_purpose(self, value: str) -> Signing:
        return Signing(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["purpose"] is Signing.TRANSACTION) != bool(attrs.get("transaction")):
            words = "A transaction is signed for the purpose `transaction`, and for no other."
            raise serializers.ValidationError({"transaction": words}, code="transaction")
        return attrs


class BiometricChallengeSerializer(Serializer):
    id = serializers.CharField()
    nonce = serializers.CharField()
    expires_at = serializers.DateTimeField()


class BiometricAnswerSerializer(Serializer):
    id = serializers.CharField(max_length=128, source="token")
    signature = serializers.CharField(max_length=128)


class SignedTransactionSerializer(Serializer):
    transaction_token = serializers.CharField(source="token")
    expires_at = serializers.DateTimeField()
