"""The base of the routes by which one comes in: open to all, slow for the impatient, and never stored."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.models import DeviceSession
from accounts.serializers import TokenAnswerSerializer
from accounts.services.issuing import tokens_for
from core.http.access import Public
from core.http.views import ApiView


class DoorView(ApiView):
    """A public route. A stale token beside it is no reason to refuse anybody who comes for a new one."""

    access = Public("how one signs in cannot ask for being signed in")
    authentication_classes = ()
    idempotent = False  # a refusal here may have to be stored, and answers hold secrets


def validated(serializer_class: type[BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """The request body, checked."""
    serializer = serializer_class(data=request.data, context={"request": request})
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


def token_answer(request: Request, session: DeviceSession, status: int = 200) -> Response:
    answer = TokenAnswerSerializer(tokens_for(session), context={"request": request})
    return Response(answer.data, status=status)


def message(text: str, status: int = 200) -> Response:
    return Response({"message": text}, status=status)
