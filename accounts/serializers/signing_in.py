"""Registering, signing in, the tokens that are given for it, and choosing a new password."""

from rest_framework import serializers

from accounts.passwords import MAX_LENGTH as LONGEST_PASSWORD
from accounts.serializers.devices import DeviceClaimSerializer, DeviceSerializer
from accounts.serializers.fields import NameField, PasswordField
from accounts.serializers.people import AccountSerializer
from accounts.types import DeviceClaim
from core.http.serializers import Serializer


class RegisterSerializer(Serializer):
    email = serializers.CharField(max_length=320)
    password = PasswordField()
    full_name = NameField(max_length=150, required=False, allow_blank=True)
    device = DeviceClaimSerializer(required=False, default=DeviceClaim)


class LoginSerializer(Serializer):
    email = serializers.CharField(max_length=320)
    password = PasswordField(max_length=LONGEST_PASSWORD)
    device = DeviceClaimSerializer(required=False, default=DeviceClaim)


class RefreshSerializer(Serializer):
    refresh_token = serializers.CharField(write_only=True)


class LogoutSerializer(Serializer):
    everywhere = serializers.BooleanField(required=False, default=False)


class EmailSerializer(Serializer):
    email = serializers.CharField(max_length=320)


class ResetPasswordSerializer(Serializer):
    token = serializers.CharField(max_length=128)
    new_password = PasswordField()


class TokenAnswerSerializer(Serializer):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField()
    refresh_expires_in = serializers.IntegerField()
    scope = serializers.CharField()
    user = AccountSerializer()
    device = DeviceSerializer()


class MessageSerializer(Serializer):
    message = serializers.CharField()
