"""Passkeys: adding one, signing in with one, and those that one has."""

from datetime import datetime
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.ceremonies import Json
from accounts.selectors import list_passkeys
from accounts.serializers import (
    PasskeyOfferSerializer,
    PasskeyOptionsSerializer,
    PasskeyRegisterSerializer,
    PasskeyRenameSerializer,
    PasskeySerializer,
    PasskeySignInSerializer,
    PasskeyStepUpSerializer,
    TokenAnswerSerializer,
)
from accounts.serializers.factors import StandingSerializer
from accounts.services import passkey_sign_in, passkeys, step_up
from accounts.views.doors import DoorView, token_answer, validated
from core.http.access import ADMIN, MOBILE, WEB, Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.views import ApiView
from core.http.viewsets import ApiViewSet

EVERYBODY = MOBILE | WEB | ADMIN


class RegistrationOptionsView(ApiView):
    """Who may sign in as somebody is changed only by who has just proved to be them."""

    access = Access(audiences=EVERYBODY, step_up=frozenset({"POST"}))
    idempotent = False
    limits = (Limit("20/min", by="user"),)

    @extend_schema(request=None, responses={201: PasskeyOptionsSerializer})
    def post(self, request: ApiRequest) -> Response:
        return _options(request, passkeys.begin(actor=request.user))


class RegistrationView(ApiView):
    """Asks for no step-up of its own: its challenge was given to this session for one."""

    access = Access(audiences=EVERYBODY)
    idempotent = False  # a challenge is spent whatever becomes of it
    limits = (Limit("20/min", by="user"),)

    @extend_schema(request=PasskeyRegisterSerializer, responses={201: PasskeySerializer})
    def post(self, request: ApiRequest) -> Response:
        passkey = passkeys.register(actor=request.user, **validated(PasskeyRegisterSerializer, request))
        return Response(PasskeySerializer(passkey, context={"request": request}).data, status=201)


class SignInOptionsView(DoorView):
    limits = (Limit("60/min"),)

    @extend_schema(request=PasskeyOfferSerializer, responses={201: PasskeyOptionsSerializer})
    def post(self, request: ApiRequest) -> Response:
        return _options(request, passkey_sign_in.begin(**validated(PasskeyOfferSerializer, request)))


class SignInView(DoorView):
    limits = (Limit("30/min"),)

    @extend_schema(request=PasskeySignInSerializer, responses=TokenAnswerSerializer)
    def post(self, request: ApiRequest) -> Response:
        return token_answer(request, passkey_sign_in.sign_in(**validated(PasskeySignInSerializer, request)))


class StepUpOptionsView(ApiView):
    access = Access(audiences=EVERYBODY)
    idempotent = False
    limits = (Limit("20/min", by="user"),)

    @extend_schema(request=None, responses={201: PasskeyOptionsSerializer})
    def post(self, request: ApiRequest) -> Response:
        return _options(request, passkey_sign_in.begin_step_up(actor=request.user))


class StepUpView(ApiView):
    access = Access(audiences=EVERYBODY)
    idempotent = False
    limits = (Limit("20/min", by="user"),)

    @extend_schema(request=PasskeyStepUpSerializer, responses=StandingSerializer)
    def post(self, request: ApiRequest) -> Response:
        standing = step_up.by_passkey(actor=request.user, **validated(PasskeyStepUpSerializer, request))
        return Response(StandingSerializer(standing, context={"request": request}).data)


class PasskeyViewSet(ApiViewSet):
    access = Access(audiences=EVERYBODY, step_up=frozenset({"DELETE"}))
    serializer_class = PasskeySerializer

    def list(self, request: ApiRequest) -> Response:
        return self.page(list_passkeys(request.user.user_id))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(list_passkeys(request.user.user_id), id=pk)

    @extend_schema(request=PasskeyRenameSerializer, responses=PasskeySerializer)
    def partial_update(self, request: ApiRequest, pk: UUID) -> Response:
        changes = validated(PasskeyRenameSerializer, request)
        return self.one(passkeys.rename(actor=request.user, passkey_id=pk, **changes))

    def destroy(self, request: ApiRequest, pk: UUID) -> Response:
        passkeys.remove(actor=request.user, passkey_id=pk)
        return Response(status=204)


def _options(request: ApiRequest, asked: tuple[Json, datetime]) -> Response:
    public_key, expires_at = asked
    shown = PasskeyOptionsSerializer({"public_key": public_key, "expires_at": expires_at}, context={"request": request})
    return Response(shown.data, status=201)
