"""A second factor: having one, going on with a sign-in by it, and proving once more who one is."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import DeviceSession
from accounts.selectors import second_factor_of
from accounts.serializers.factors import (
    ConfirmTotpSerializer,
    EnrolmentSerializer,
    FactorAddedSerializer,
    FreshAccessSerializer,
    RecoveryCodesSerializer,
    SecondFactorAnswerSerializer,
    SecondFactorSerializer,
    StandingSerializer,
    StepUpSerializer,
)
from accounts.serializers.signing_in import TokenAnswerSerializer
from accounts.services import continuing, enrolling, factors, step_up
from accounts.services.issuing import access_for
from accounts.views.doors import DoorView, token_answer, validated
from core.http.access import ADMIN, MOBILE, UNSAFE_METHODS, WEB, Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.serializers import WireFieldsMixin
from core.http.views import ApiView

EVERYBODY = MOBILE | WEB | ADMIN


def shown(request: ApiRequest, serializer: type[WireFieldsMixin], value: Any, status: int = 200) -> Response:
    return Response(serializer(value, context={"request": request}).data, status=status)


def fresh_access(session: DeviceSession) -> dict[str, Any]:
    """What a session goes on with after what was proved before has become void."""
    access = access_for(session)
    return {"access_token": str(access), "expires_in": access["exp"] - access["iat"]}


class FactorView(ApiView):
    """How somebody proves who they are is changed only by who has just proved it. Answers hold secrets."""

    access = Access(audiences=EVERYBODY, step_up=UNSAFE_METHODS)
    idempotent = False


class SecondFactorView(ApiView):
    access = Access(audiences=EVERYBODY)

    @extend_schema(responses=SecondFactorSerializer)
    def get(self, request: ApiRequest) -> Response:
        return shown(request, SecondFactorSerializer, second_factor_of(request.user.user_id))


class TotpView(FactorView):
    @extend_schema(request=None, responses={201: EnrolmentSerializer})
    def post(self, request: ApiRequest) -> Response:
        return shown(request, EnrolmentSerializer, enrolling.enrol(actor=request.user), status=201)

    @extend_schema(responses={200: FreshAccessSerializer})
    def delete(self, request: ApiRequest) -> Response:
        changed = factors.remove(actor=request.user)
        return shown(request, FreshAccessSerializer, fresh_access(changed.session))


class ConfirmTotpView(FactorView):
    @extend_schema(request=ConfirmTotpSerializer, responses=FactorAddedSerializer)
    def post(self, request: ApiRequest) -> Response:
        changed = enrolling.confirm(actor=request.user, **validated(ConfirmTotpSerializer, request))
        answer = {**fresh_access(changed.session), "recovery_codes": changed.recovery_codes}
        return shown(request, FactorAddedSerializer, answer)


class RecoveryCodesView(FactorView):
    @extend_schema(request=None, responses=RecoveryCodesSerializer)
    def post(self, request: ApiRequest) -> Response:
        codes = factors.renew_recovery_codes(actor=request.user)
        return shown(request, RecoveryCodesSerializer, {"recovery_codes": codes})


class VerifySecondFactorView(DoorView):
    """The answer to the challenge of a `second_factor_required`: the tokens that the first proof alone did not give."""

    limits = (Limit("30/min"),)

    @extend_schema(request=SecondFactorAnswerSerializer, responses=TokenAnswerSerializer)
    def post(self, request: ApiRequest) -> Response:
        session = continuing.go_on(**validated(SecondFactorAnswerSerializer, request))
        return token_answer(request, session)


class StepUpView(ApiView):
    access = Access(audiences=EVERYBODY)
    limits = (Limit("30/min", by="user"),)
    idempotent = False

    @extend_schema(responses=StandingSerializer)
    def get(self, request: ApiRequest) -> Response:
        return shown(request, StandingSerializer, step_up.standing_of(request.user))

    @extend_schema(request=StepUpSerializer, responses=StandingSerializer)
    def post(self, request: ApiRequest) -> Response:
        standing = step_up.step_up(actor=request.user, **validated(StepUpSerializer, request))
        return shown(request, StandingSerializer, standing)
