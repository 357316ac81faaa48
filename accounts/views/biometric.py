"""Biometric keys: enrolling the caller's device, and answering challenges with it."""

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.response import Response

from accounts.authentication import FINGERPRINT_HEADER, proved_key
from accounts.serializers import TokenAnswerSerializer
from accounts.serializers.biometric import (
    BiometricAnswerSerializer,
    BiometricAskSerializer,
    BiometricChallengeSerializer,
    BiometricEnrollSerializer,
    BiometricKeySerializer,
    SignedTransactionSerializer,
)
from accounts.serializers.factors import StandingSerializer
from accounts.services import biometric
from accounts.types import Signing
from accounts.views.doors import DoorView, caller_of, token_answer, validated
from accounts.views.factors import shown
from core.http.access import MOBILE, WEB, Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.views import ApiView

ANSWER = PolymorphicProxySerializer(
    component_name="BiometricAnswered",
    serializers=[TokenAnswerSerializer, StandingSerializer, SignedTransactionSerializer],
    resource_type_field_name=None,
)


class EnrollView(ApiView):
    """The key of the caller's own device. Who may sign in as somebody is changed only by who has just proved it."""

    access = Access(audiences=MOBILE | WEB, step_up=frozenset({"POST"}))
    idempotent = False
    limits = (Limit("20/min", by="user"),)

    @extend_schema(request=BiometricEnrollSerializer, responses={201: BiometricKeySerializer})
    def post(self, request: ApiRequest) -> Response:
        key = biometric.enroll(actor=request.user, **validated(BiometricEnrollSerializer, request))
        return shown(request, BiometricKeySerializer, key, status=201)

    @extend_schema(responses={204: None})
    def delete(self, request: ApiRequest) -> Response:
        biometric.withdraw(actor=request.user)
        return Response(status=204)


class ChallengeView(DoorView):
    limits = (Limit("30/min"),)

    @extend_schema(request=BiometricAskSerializer, responses={201: BiometricChallengeSerializer})
    def post(self, request: ApiRequest) -> Response:
        asked = biometric.ask(**validated(BiometricAskSerializer, request))
        return shown(request, BiometricChallengeSerializer, asked, status=201)


class VerifyView(DoorView):
    """Tokens for `sign_in`; for the other purposes, which need a bearer token, a standing or a `transaction_token`."""

    limits = (Limit("30/min"),)

    @extend_schema(request=BiometricAnswerSerializer, responses=ANSWER)
    def post(self, request: ApiRequest) -> Response:
        signed = biometric.verify(**validated(BiometricAnswerSerializer, request))
        if signed is not None and signed.purpose is Signing.SIGN_IN:
            return token_answer(request, biometric.sign_in(signed=signed, **_device_of(request)))
        caller = caller_of(request)
        if signed is None:
            raise biometric.refusal(caller)
        if signed.purpose is Signing.STEP_UP:
            return shown(request, StandingSerializer, biometric.prove(actor=caller, signed=signed))
        return shown(request, SignedTransactionSerializer, biometric.sign_transaction(actor=caller, signed=signed))


def _device_of(request: ApiRequest) -> dict[str, str]:
    """What a request shows of the device that sends it."""
    return {"fingerprint": request.META.get(FINGERPRINT_HEADER, ""), "proof_key": proved_key(request)}
