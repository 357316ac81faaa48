"""Where apps attest the device they run on. It raises the device's level; it signs nobody in."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.serializers import DeviceSerializer
from accounts.serializers.attestation import (
    AndroidEvidenceSerializer,
    AppleEvidenceSerializer,
    BegunSerializer,
    ChallengeRequestSerializer,
    FindingSerializer,
    PresentedSerializer,
    SignalsSerializer,
)
from accounts.services import assurance, attestation
from accounts.views.doors import validated
from core.http.access import MOBILE, Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.views import ApiView


class AttestationChallengeView(ApiView):
    access = Access(audiences=MOBILE)
    limits = (Limit("30/min", by="device"),)
    idempotent = False  # a challenge is a secret, and none is worth keeping

    @extend_schema(request=ChallengeRequestSerializer, responses={201: BegunSerializer})
    def post(self, request: ApiRequest) -> Response:
        begun = attestation.begin(actor=request.user, **validated(ChallengeRequestSerializer, request))
        return Response(BegunSerializer(begun, context={"request": request}).data, status=201)


class EvidenceView(ApiView):
    """Base of where evidence is presented."""

    access = Access(audiences=MOBILE)
    limits = (Limit("30/min", by="device"),)
    idempotent = False  # a refusal uses the challenge up all the same
    shape: type[PresentedSerializer]

    def present(self, request: ApiRequest) -> Response:
        finding = attestation.present(actor=request.user, **validated(self.shape, request))
        return Response(FindingSerializer(finding, context={"request": request}).data)


class AppleAttestationView(EvidenceView):
    shape = AppleEvidenceSerializer

    @extend_schema(request=AppleEvidenceSerializer, responses=FindingSerializer)
    def post(self, request: ApiRequest) -> Response:
        return self.present(request)


class AndroidAttestationView(EvidenceView):
    shape = AndroidEvidenceSerializer

    @extend_schema(request=AndroidEvidenceSerializer, responses=FindingSerializer)
    def post(self, request: ApiRequest) -> Response:
        return self.present(request)


class IntegrityView(ApiView):
    access = Access(audiences=MOBILE)
    limits = (Limit("30/min", by="device"),)

    @extend_schema(request=SignalsSerializer, responses=DeviceSerializer)
    def post(self, request: ApiRequest) -> Response:
        device = assurance.report_integrity(actor=request.user, **validated(SignalsSerializer, request))
        return Response(DeviceSerializer(device, context={"request": request}).data)
