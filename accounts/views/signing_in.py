"""Registering, signing in, staying signed in and signing out."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.views import TokenRefreshView

from accounts.authentication import FINGERPRINT_HEADER, proved_key
from accounts.serializers import (
    LoginSerializer,
    LogoutSerializer,
    MessageSerializer,
    RefreshSerializer,
    RegisterSerializer,
    TokenAnswerSerializer,
)
from accounts.services import registration, rotation, sessions, sign_in
from accounts.views.doors import DoorView, message, token_answer, validated
from core.http.access import ADMIN, MOBILE, WEB, Access, Audience
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.views import ApiView


class RegisterView(DoorView):
    limits = (Limit("10/min"), Limit("60/h"))
    idempotent = True  # who lost the answer would otherwise be told that the address is taken

    @extend_schema(request=RegisterSerializer, responses={201: TokenAnswerSerializer})
    def post(self, request: ApiRequest) -> Response:
        session = registration.register(**validated(RegisterSerializer, request))
        return token_answer(request, session, status=201)


class LoginView(DoorView):
    limits = (Limit("30/min"),)

    @extend_schema(request=LoginSerializer, responses=TokenAnswerSerializer)
    def post(self, request: ApiRequest) -> Response:
        session = sign_in.sign_in(**validated(LoginSerializer, request))
        return token_answer(request, session)


class StaffLoginView(DoorView):
    """Sessions of staff clients: half an hour idle, twelve hours at most, for staff alone."""

    limits = (Limit("10/min"),)

    def post(self, request: ApiRequest) -> Response:
        session = sign_in.sign_in(**validated(LoginSerializer, request), audience=Audience.ADMIN)
        return token_answer(request, session)


class RefreshView(DoorView, TokenRefreshView):
    """SimpleJWT's refresh view, over sessions whose rotation survives parallel requests and lost answers."""

    limits = (Limit("120/min"),)
    serializer_class = RefreshSerializer

    @extend_schema(request=RefreshSerializer, responses=TokenAnswerSerializer)
    def post(self, request: Request, *args: object, **kwargs: object) -> Response:
        presented = validated(RefreshSerializer, request)["refresh_token"]
        session = rotation.rotate(
            presented=presented,
            fingerprint=request.META.get(FINGERPRINT_HEADER, ""),
            proof_key=proved_key(request),
        )
        return token_answer(request, session)


class LogoutView(ApiView):
    access = Access(audiences=MOBILE | WEB | ADMIN)
    idempotent = False

    @extend_schema(request=LogoutSerializer, responses=MessageSerializer)
    def post(self, request: ApiRequest) -> Response:
        sessions.sign_out(actor=request.user, **validated(LogoutSerializer, request))
        return message("Signed out.")
