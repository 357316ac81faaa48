"""Signing in by mail, changing address and password, recovering."""

from typing import Any

from rest_framework import serializers

from accounts.passwords import MAX_LENGTH as LONGEST_PASSWORD
from accounts.serializers.devices import DeviceClaimSerializer
from accounts.serializers.factors import CodeField
from accounts.serializers.fields import PasswordField
from accounts.types import DeviceClaim, MailedSecret
from core.http.serializers import Serializer


class StartPasswordlessSerializer(Serializer):
    email = serializers.CharField(max_length=320)
    method = serializers.ChoiceField(choices=[secret.value for secret in MailedSecret], default=MailedSecret.CODE.value)

    def validate_method(self, value: str) -> MailedSecret:
        return MailedSecret(value)


class SignInFlowSerializer(Serializer):
    """`flow` is the app's own secret: what arrives by mail works together with it alone."""

    flow = serializers.CharField(source="token")
    expires_at = serializers.DateTimeField()


class FinishPasswordlessSerializer(Serializer):
    """`code` is what the mail says, or the last part of the link in it."""

    flow = serializers.CharField(max_length=128, write_only=True)
    code = CodeField()
    device = DeviceClaimSerializer(required=False, default=DeviceClaim)


class ChangeEmailSerializer(Serializer):
    new_email = serializers.CharField(max_length=320)


class ChangePasswordSerializer(Serializer):
    """`current_password` may be left out, as the route asks for a fresh proof anyway; a wrong one is refused."""

    current_password = PasswordField(max_length=LONGEST_PASSWORD, required=False)
    new_password = PasswordField()


class MailedTokenSerializer(Serializer):
    """The last part of a mailed link."""

    token = serializers.CharField(max_length=128, write_only=True)


class RecoverySerializer(Serializer):
    """`waiting` until `ready_at`, or `done`: then the account has no second factor any more."""

    status = serializers.SerializerMethodField()
    ready_at = serializers.DateTimeField(allow_null=True)

    def get_status(self, progress: dict[str, Any]) -> str:
        return "waiting" if progress["ready_at"] else "done"
