"""Confirming an address and choosing a new password, for apps; browsers get pages (`pages.py`)."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.serializers import EmailSerializer, MessageSerializer, ResetPasswordSerializer
from accounts.services import links
from accounts.types import Purpose
from accounts.views.doors import DoorView, message, validated
from core.http.limits import Limit
from core.http.requests import ApiRequest

# The same words whether or not the address is known.
SENT = "If this address has an account, a mail is on its way."
CONFIRMED = "Your e-mail address is confirmed."
PASSWORD_SET = "Your password is changed. Sign in again."  # noqa: S105


class VerifyEmailView(DoorView):
    limits = (Limit("5/min"), Limit("20/h"))

    @extend_schema(request=EmailSerializer, responses=MessageSerializer)
    def post(self, request: ApiRequest) -> Response:
        links.ask_for(purpose=Purpose.VERIFY_EMAIL, **validated(EmailSerializer, request))
        return message(SENT)


class ConfirmEmailView(DoorView):
    """Confirm an address. Ask for JSON by name (`Accept: application/json`); whoever takes anything gets a page."""

    limits = (Limit("30/min"),)
    http_method_names = ("get", "options")  # no HEAD: it would confirm as well

    @extend_schema(responses=MessageSerializer)
    def get(self, request: ApiRequest, token: str) -> Response:
        links.confirm_email(token=token)
        return message(CONFIRMED)


class ForgotPasswordView(DoorView):
    limits = (Limit("5/min"), Limit("20/h"))

    @extend_schema(request=EmailSerializer, responses=MessageSerializer)
    def post(self, request: ApiRequest) -> Response:
        links.ask_for(purpose=Purpose.RESET_PASSWORD, **validated(EmailSerializer, request))
        return message(SENT)


class ResetPasswordView(DoorView):
    limits = (Limit("10/min"),)

    @extend_schema(request=ResetPasswordSerializer, responses=MessageSerializer)
    def post(self, request: ApiRequest) -> Response:
        links.reset_password(**validated(ResetPasswordSerializer, request))
        return message(PASSWORD_SET)
