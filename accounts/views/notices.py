"""Where providers call us, and the page on which somebody sees what became of a deletion.

Nothing but the signed part is looked at: a provider that adds a field must still be heard.
"""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.response import Response

from accounts.serializers import MessageSerializer
from accounts.services.social import notices
from accounts.views.doors import DoorView, message
from accounts.views.pages import private_page
from core.errors import NotFound
from core.http.access import Public
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.serializers import Serializer

HEARD = "Taken note of."
SIGNED = Public("the provider's signature is the permission")


class AppleEventSerializer(Serializer):
    payload = serializers.CharField()


class SignedRequestSerializer(Serializer):
    signed_request = serializers.CharField()


class DeletionReceiptSerializer(Serializer):
    url = serializers.URLField()
    confirmation_code = serializers.CharField()


class NoticeView(DoorView):
    access = SIGNED
    limits = (Limit("600/min"),)

    @staticmethod
    def signed(request: ApiRequest, name: str) -> str:
        return str(request.data.get(name, "")) if isinstance(request.data, Mapping) else ""


class AppleEventsView(NoticeView):
    @extend_schema(request=AppleEventSerializer, responses=MessageSerializer)
    def post(self, request: ApiRequest) -> Response:
        notices.hear_apple(payload=self.signed(request, "payload"))
        return message(HEARD)


class FacebookView(NoticeView):
    parser_classes = (FormParser,)


class FacebookDeauthorizeView(FacebookView):
    @extend_schema(request=SignedRequestSerializer, responses=MessageSerializer)
    def post(self, request: ApiRequest) -> Response:
        notices.hear_deauthorization(signed_request=self.signed(request, "signed_request"))
        return message(HEARD)


class FacebookDeletionView(FacebookView):
    @extend_schema(request=SignedRequestSerializer, responses=DeletionReceiptSerializer)
    def post(self, request: ApiRequest) -> Response:
        return Response(notices.hear_deletion(signed_request=self.signed(request, "signed_request")))


@require_safe
def deletion_status(request: HttpRequest, code: str) -> HttpResponse:
    try:
        values, status = {"deletion": notices.deletion_of(code)}, 200
    except NotFound:
        values, status = {}, 404
    return private_page(request, "accounts/data_deletion.html", values, status)


deletion_status.access = Public("the code in the address is the permission")  # type: ignore[attr-defined]
