"""Signing in by mail, changing address and password, and recovering; browsers get pages (`mailed_pages.py`)."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.serializers.changing import (
    ChangeEmailSerializer,
    ChangePasswordSerializer,
    FinishPasswordlessSerializer,
    MailedTokenSerializer,
    RecoverySerializer,
    SignInFlowSerializer,
    StartPasswordlessSerializer,
)
from accounts.serializers.factors import FreshAccessSerializer
from accounts.serializers.signing_in import EmailSerializer, MessageSerializer, TokenAnswerSerializer
from accounts.services import email_change, password_change, passwordless, recovery
from accounts.views.doors import DoorView, message, token_answer, validated
from accounts.views.factors import EVERYBODY, FactorView, fresh_access, shown
from accounts.views.links import SENT
from core.http.access import Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.views import ApiView

CONFIRM_SENT = "A mail is on its way to the new address. Your address changes when you confirm it there."
EMAIL_CHANGED = "This is your e-mail address from now on."
EMAIL_REVERTED = "Your account has its former address back, and everybody is signed out. Choose a new password."
RECOVERY_CANCELLED = "Nothing has changed: signing in asks for the second factor as before."


class StartPasswordlessView(DoorView):
    """The same answer whether or not the address has an account. Keep `flow`; send it with the code."""

    limits = (Limit("10/h"),)

    @extend_schema(request=StartPasswordlessSerializer, responses={202: SignInFlowSerializer})
    def post(self, request: ApiRequest) -> Response:
        flow = passwordless.start(**validated(StartPasswordlessSerializer, request))
        return shown(request, SignInFlowSerializer, flow, status=202)


class FinishPasswordlessView(DoorView):
    limits = (Limit("30/min"),)

    @extend_schema(request=FinishPasswordlessSerializer, responses=TokenAnswerSerializer)
    def post(self, request: ApiRequest) -> Response:
        session = passwordless.finish(**validated(FinishPasswordlessSerializer, request))
        return token_answer(request, session)


class ChangeEmailView(FactorView):
    """The address changes once a link mailed to the new one is followed; the old one gets a link that reverts it."""

    limits = (Limit("5/h", by="user"),)

    @extend_schema(request=ChangeEmailSerializer, responses={202: MessageSerializer})
    def post(self, request: ApiRequest) -> Response:
        email_change.ask(actor=request.user, **validated(ChangeEmailSerializer, request))
        return message(CONFIRM_SENT, status=202)


class ConfirmNewEmailView(DoorView):
    limits = (Limit("30/min"),)

    @extend_schema(request=MailedTokenSerializer, responses=MessageSerializer)
    def post(self, request: ApiRequest) -> Response:
        email_change.confirm(**validated(MailedTokenSerializer, request))
        return message(EMAIL_CHANGED)


class ChangePasswordView(FactorView):
    """Other sessions end. Accounts without a password get their first one."""

    limits = (Limit("10/min", by="user"),)

    @extend_schema(request=ChangePasswordSerializer, responses=FreshAccessSerializer)
    def post(self, request: ApiRequest) -> Response:
        session = password_change.change(actor=request.user, **validated(ChangePasswordSerializer, request))
        return shown(request, FreshAccessSerializer, fresh_access(session))


class StartRecoveryView(DoorView):
    """For whoever has lost the second factor and its recovery codes: mails a link that begins a wait of three days."""

    limits = (Limit("5/min"), Limit("20/h"))

    @extend_schema(request=EmailSerializer, responses={202: MessageSerializer})
    def post(self, request: ApiRequest) -> Response:
        recovery.ask(**validated(EmailSerializer, request))
        return message(SENT, status=202)


class RecoveryView(DoorView):
    """Follow the mailed link: first to begin the wait, later to end it by taking the second factor away."""

    limits = (Limit("30/min"),)

    @extend_schema(request=MailedTokenSerializer, responses=RecoverySerializer)
    def post(self, request: ApiRequest) -> Response:
        ready_at = recovery.go_on(**validated(MailedTokenSerializer, request))
        return shown(request, RecoverySerializer, {"ready_at": ready_at})


class CancelRecoveryView(ApiView):
    """Whoever is signed in may stop a recovery, at once and without further proof."""

    access = Access(audiences=EVERYBODY)
    idempotent = False

    @extend_schema(request=None, responses=MessageSerializer)
    def post(self, request: ApiRequest) -> Response:
        recovery.cancel(actor=request.user)
        return message(RECOVERY_CANCELLED)
