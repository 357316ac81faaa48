"""Pin sets and reports as clients see and write them."""

from cryptography import x509
from rest_framework import serializers

from core.http.serializers import Serializer

MAX_CHAIN = 10  # certificates
MAX_CERTIFICATE = 8_000  # characters of PEM


class PinSetSerializer(Serializer):
    host = serializers.CharField()
    pins = serializers.ListField(child=serializers.CharField())
    issued_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    signed = serializers.CharField(help_text="The same as a JWT of type `pins+jwt`, ES256.")


def _read(pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise serializers.ValidationError("Send certificates in PEM.") from error


class PinReportSerializer(Serializer):
    hostname = serializers.CharField(max_length=253)
    platform = serializers.ChoiceField(["android", "ios"])
    app_version = serializers.CharField(max_length=50, required=False, default="")
    is_enforced = serializers.BooleanField(help_text="Whether the app refused the connection, or only tells of it.")
    chain = serializers.ListField(
        child=serializers.CharField(max_length=MAX_CERTIFICATE),
        min_length=1,
        max_length=MAX_CHAIN,
        help_text="The certificates that the app was shown, the server's own first.",
    )

    def validate_chain(self, chain: list[str]) -> list[x509.Certificate]:
        return [_read(pem) for pem in chain]


class ReceivedSerializer(Serializer):
    message = serializers.CharField()
