"""For people without an account or without the app, and for their browsers."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from core.http import forms
from core.http.access import Public
from core.http.conditional import CachePolicy
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.views import ApiView
from privacy.inventory import entries
from privacy.serializers import AddressSerializer, PrivacyAnswerSerializer, RetentionSerializer
from privacy.services import consents, deletion

# The same words whether or not the address is known.
SENT = "If this address has an account, a mail is on its way."
OPTED_OUT = "Nothing about this address is sold or shared."
DAY = 86_400
GPC_SINCE = "2026-11-21"


class DoorView(ApiView):
    """Open to all; a stale token beside it is no reason to refuse anybody."""

    authentication_classes = ()
    idempotent = False


class DeletionRequestView(DoorView):
    access = Public("an account can be deleted without the app; its address proves the wish")
    limits = (Limit("5/min"), Limit("20/h"))

    @extend_schema(request=AddressSerializer, responses={202: PrivacyAnswerSerializer})
    def post(self, request: ApiRequest) -> Response:
        deletion.ask(**_address(request))
        return Response({"message": SENT}, status=202)


class OptOutView(DoorView):
    access = Public("whoever wants nothing sold needs no account to say so")
    limits = (Limit("5/min"), Limit("20/h"))

    @extend_schema(request=AddressSerializer, responses={202: PrivacyAnswerSerializer})
    def post(self, request: ApiRequest) -> Response:
        consents.opt_out_address(**_address(request))
        return Response({"message": OPTED_OUT}, status=202)


class RetentionView(DoorView):
    """What is held of people, for how long, and what is left after an account was deleted."""

    access = Public("everybody may know what is kept and for how long")
    cache_policy = CachePolicy(max_age=DAY, everywhere=True)

    @extend_schema(responses=RetentionSerializer)
    def get(self, request: ApiRequest) -> Response:
        rows = [{**entry.as_json(), "field_names": entry.fields} for entry in entries()]
        return Response(RetentionSerializer({"data": rows}, context={"request": request}).data)


@require_safe
def gpc_support(request: HttpRequest) -> JsonResponse:
    """The support resource of the GPC specification, section 4."""
    return JsonResponse({"gpc": True, "lastUpdate": GPC_SINCE}, headers={"Cache-Control": f"public, max-age={DAY}"})


gpc_support.access = Public("browsers look whether their signal is honoured")  # type: ignore[attr-defined]


def _address(request: ApiRequest) -> dict[str, Any]:
    return forms.validated(AddressSerializer, request.data, {"request": request})
