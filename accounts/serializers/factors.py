"""Second factors and proving once more who one is."""

from typing import Any

from rest_framework import serializers

from accounts.passwords import MAX_LENGTH as LONGEST_PASSWORD
from accounts.serializers.fields import PasswordField
from accounts.types import Method
from core.http.serializers import Serializer

_CODES = (Method.TOTP, Method.RECOVERY_CODE)


class MethodField(serializers.ChoiceField):
    """A way of proving who one is, by the name it has in the `amr` of tokens (RFC 8176)."""

    def __init__(self, methods: tuple[Method, ...], **options: Any) -> None:
        super().__init__(choices=[method.value for method in methods], **options)

    def to_internal_value(self, data: Any) -> Method:
        return Method(super().to_internal_value(data))


class CodeField(serializers.CharField):
    """What somebody reads from a screen or a sheet; spaces in it are there for the reader."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=64, write_only=True, **options)

    def to_internal_value(self, data: Any) -> str:
        return "".join(super().to_internal_value(data).split())


class SecondFactorSerializer(Serializer):
    """`enabled_at` is null where none is asked for."""

    enabled_at = serializers.DateTimeField(allow_null=True)
    methods = serializers.ListField(child=serializers.CharField())
    recovery_codes_left = serializers.IntegerField()


class EnrolmentSerializer(Serializer):
    id = serializers.CharField()
    secret = serializers.CharField()
    uri = serializers.CharField()
    expires_at = serializers.DateTimeField()


class ConfirmTotpSerializer(Serializer):
    enrolment = serializers.CharField(max_length=128, write_only=True)
    code = CodeField()


class SecondFactorAnswerSerializer(Serializer):
    challenge = serializers.CharField(max_length=128, write_only=True)
    method = MethodField(_CODES, default=Method.TOTP)
    code = CodeField()


class StepUpSerializer(Serializer):
    """`password` with the method `pwd`, `code` with the others."""

    method = MethodField((Method.PASSWORD, *_CODES))
    password = PasswordField(max_length=LONGEST_PASSWORD, required=False)
    code = CodeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wanted, other = ("password", "code") if attrs["method"] is Method.PASSWORD else ("code", "password")
        if wanted not in attrs or other in attrs:
            raise serializers.ValidationError({wanted: f"Send `{wanted}`, and nothing else."}, code="required")
        return {"method": attrs["method"], "secret": attrs[wanted]}


class StandingSerializer(Serializer):
    is_fresh = serializers.BooleanField()
    fresh_until = serializers.DateTimeField(allow_null=True)
    methods = serializers.ListField(child=serializers.CharField())


class RecoveryCodesSerializer(Serializer):
    recovery_codes = serializers.ListField(child=serializers.CharField())


class FreshAccessSerializer(Serializer):
    """The access token to go on with. The refresh token stays as it is."""

    access_token = serializers.CharField()
    expires_in = serializers.IntegerField()


class FactorAddedSerializer(FreshAccessSerializer):
    recovery_codes = serializers.ListField(child=serializers.CharField())
