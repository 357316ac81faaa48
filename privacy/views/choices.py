"""What one agrees and objects to, and asks for."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from core.http import forms
from core.http.access import MOBILE, WEB, Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.views import ApiView
from core.http.viewsets import ApiViewSet
from privacy import gpc
from privacy.selectors import consents_of, find_deletion, gpc_honoured_at, is_given, list_ledger, list_requests
from privacy.serializers import (
    ConsentDecisionSerializer,
    ConsentEntrySerializer,
    ConsentListSerializer,
    ConsentSerializer,
    PrivacyRequestCreateSerializer,
    PrivacyRequestSerializer,
    PrivacySettingsSerializer,
    PrivacyStatusSerializer,
)
from privacy.services import consents, requests
from privacy.types import SALE, RequestKind


class PrivacyView(ApiView):
    """Where the caller stands: do not sell, the signal of their browser, consents, a planned deletion."""

    access = Access(audiences=MOBILE | WEB)

    @extend_schema(responses=PrivacyStatusSerializer)
    def get(self, request: ApiRequest) -> Response:
        user_id = request.user.user_id
        status = {
            "do_not_sell": not is_given(user_id, SALE),
            "gpc_in_request": gpc.is_signalled(),
            "gpc_honoured_at": gpc_honoured_at(user_id),
            "consents": consents_of(user_id),
            "deletion": find_deletion(user_id),
        }
        return Response(PrivacyStatusSerializer(status, context={"request": request}).data)

    @extend_schema(request=PrivacySettingsSerializer, responses=PrivacyStatusSerializer)
    def patch(self, request: ApiRequest) -> Response:
        wanted = forms.validated(PrivacySettingsSerializer, request.data, {"request": request})
        consents.set_do_not_sell(actor=request.user, **wanted)
        return self.get(request)


class ConsentsView(ApiView):
    access = Access(audiences=MOBILE | WEB)

    @extend_schema(responses=ConsentListSerializer)
    def get(self, request: ApiRequest) -> Response:
        listed = {"data": consents_of(request.user.user_id)}
        return Response(ConsentListSerializer(listed, context={"request": request}).data)


class ConsentView(ApiView):
    access = Access(audiences=MOBILE | WEB)
    limits = (Limit("60/h", by="user"),)

    @extend_schema(request=ConsentDecisionSerializer, responses=ConsentSerializer)
    def put(self, request: ApiRequest, purpose: str) -> Response:
        said = forms.validated(ConsentDecisionSerializer, request.data, {"request": request})
        consents.decide(actor=request.user, purpose=purpose, **said)
        found = next(each for each in consents_of(request.user.user_id) if each.purpose == purpose)
        return Response(ConsentSerializer(found, context={"request": request}).data)


class ConsentLedgerViewSet(ApiViewSet):
    """Everything one has said so far, newest first."""

    access = Access(audiences=MOBILE | WEB)
    serializer_class = ConsentEntrySerializer

    def list(self, request: ApiRequest) -> Response:
        return self.page(list_ledger(request.user.user_id))


class RequestViewSet(ApiViewSet):
    access = Access(audiences=MOBILE | WEB)
    serializer_class = PrivacyRequestSerializer
    limits = (Limit("10/day", by="user", actions=frozenset({"create"})),)

    def list(self, request: ApiRequest) -> Response:
        return self.page(list_requests(request.user.user_id))

    @extend_schema(request=PrivacyRequestCreateSerializer, responses={201: PrivacyRequestSerializer})
    def create(self, request: ApiRequest) -> Response:
        asked = forms.validated(PrivacyRequestCreateSerializer, request.data, {"request": request})
        kind = RequestKind(asked["kind"])
        return self.one(requests.ask(actor=request.user, kind=kind, message=asked["message"]), status=201)
