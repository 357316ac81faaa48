"""Honours `Sec-GPC: 1`. Requests without it pay for one look at a dictionary."""

import logging
from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from core import context
from privacy import gpc
from privacy.services.consents import honour_gpc

logger = logging.getLogger(__name__)


class GlobalPrivacyControlMiddleware:
    """Stands inside of whatever finds out who is calling: it writes when the view has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get(gpc.HEADER) != gpc.OPT_OUT:
            return self.get_response(request)
        with gpc.signalled():
            response = self.get_response(request)
        caller = context.current()
        if caller.user_id:
            self._honour(UUID(caller.user_id), UUID(caller.device_id) if caller.device_id else None)
        return response

    @staticmethod
    def _honour(user_id: UUID, device_id: UUID | None) -> None:
        try:
            honour_gpc(user_id=user_id, device_id=device_id)
        except DatabaseError:  # the answer is made already; the next request says it again
            logger.exception("Could not store an opt-out by Sec-GPC")
