"""The base of the routes by which one comes in: open to all, slow for the impatient, and never stored."""

from dataclasses import replace
from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from access.types import CHANNELS, Principal
from accounts.authentication import SessionAuthentication, proved_key
from accounts.models import DeviceSession
from accounts.serializers import TokenAnswerSerializer
from accounts.services.issuing import tokens_for
from accounts.types import AUDIENCES, DeviceClaim
from core import context
from core.errors import AppError
from core.http import forms
from core.http.access import Public
from core.http.links import values_of
from core.http.rows import compile_rows
from core.http.serializers import WireFieldsMixin
from core.http.views import ApiView


class DoorView(ApiView):
    """A public route. A stale token beside it is no reason to refuse anybody who comes for a new one."""

    access = Public("how one signs in cannot ask for being signed in")
    authentication_classes = ()
    idempotent = False  # a refusal here may have to be stored, and answers hold secrets


def token_answer(request: Request, session: DeviceSession, status: int = 200) -> Response:
    rows = compile_rows(TokenAnswerSerializer, request.wire)  # type: ignore[attr-defined]
    [shown] = rows.render([values_of(tokens_for(session), rows.columns)])
    return Response(shown, status=status)


def validated(serializer_class: type[WireFieldsMixin], request: Request) -> dict[str, Any]:
    """The request body, checked. A device that it describes is bound to the key that signs for the request.

    Before anybody is signed in, that device also tells the channel: of what is counted, recorded and published.
    """
    values = forms.validated(serializer_class, request.data, {"request": request})
    claim: DeviceClaim | None = values.get("device")
    if claim is None:
        return values
    if not context.current().user_id:  # whoever is signed in has a channel, by their token
        context.bind(channel=CHANNELS[AUDIENCES[claim.platform]])
    return {**values, "device": replace(claim, proof_key=proved_key(request))}


def caller_of(request: Request) -> Principal | None:
    """Who is signed in, where a door asks; a stale token is none."""
    try:
        found = SessionAuthentication().authenticate(request)
    except (AppError, APIException):
        return None
    return found[0] if found else None


def message(text: str, status: int = 200) -> Response:
    return Response({"message": text}, status=status)
