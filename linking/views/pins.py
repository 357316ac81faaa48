"""The pin set, and reports of pins that did not fit."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from core.http import forms
from core.http.access import Public
from core.http.conditional import CachePolicy
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.views import ApiView
from linking import services
from linking.errors import NotPinned
from linking.pins import current_pins
from linking.serializers import PinReportSerializer, PinSetSerializer, ReceivedSerializer


class PinsView(ApiView):
    access = Public("An app reads it before anybody has signed in.")
    authentication_classes = ()
    cache_policy = CachePolicy(max_age=3600, everywhere=True)

    @extend_schema(responses=PinSetSerializer)
    def get(self, request: ApiRequest) -> Response:
        """The keys that may be pinned now: the one in use first, then its successors."""
        if not settings.CERTIFICATE_PINS:
            raise NotPinned
        return Response(PinSetSerializer(current_pins(), context={"request": request}).data)


class PinReportsView(ApiView):
    access = Public("An app that trusts no connection cannot sign in over it.")
    authentication_classes = ()
    idempotent = False
    limits = (Limit("10/min"), Limit("60/h"))

    @extend_schema(request=PinReportSerializer, responses={202: ReceivedSerializer})
    def post(self, request: ApiRequest) -> Response:
        services.report_pin_failure(**forms.validated(PinReportSerializer, request.data, {"request": request}))
        return Response({"message": "Thank you."}, status=202)
