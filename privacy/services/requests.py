"""Keeping track of requests under privacy law, and of the days by which they must be answered.

The days are those of CCPA regulations §7021 and §7026 and of GDPR article 12, whichever come first.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from access.services import record
from access.types import Principal
from core.db.changes import lock, save_changes
from core.db.instances import insert
from privacy.digests import seal_contact
from privacy.models import PrivacyRequest
from privacy.types import RequestKind, RequestStatus, Source

ANSWER_WITHIN = timedelta(days=30)  # GDPR: one month; CCPA would allow 45 days
OPT_OUT_BUSINESS_DAYS = 15
CONFIRM_BUSINESS_DAYS = 10
_SATURDAY = 5


def receive(
    *, kind: RequestKind, source: Source, user_id: UUID | None = None, email: str = "", message: str = ""
) -> PrivacyRequest:
    """Take down a request, in the caller's transaction or one of its own."""
    now = timezone.now()
    is_opt_out = kind in {RequestKind.OPT_OUT, RequestKind.LIMIT}
    return insert(
        PrivacyRequest(
            kind=kind,
            source=source,
            user_id=user_id,
            contact=seal_contact(email) if email else b"",
            message=message,
            confirm_by=after_business_days(now, CONFIRM_BUSINESS_DAYS),
            due_at=after_business_days(now, OPT_OUT_BUSINESS_DAYS) if is_opt_out else now + ANSWER_WITHIN,
        )
    )


def ask(*, actor: Principal, kind: RequestKind, message: str = "") -> PrivacyRequest:
    """What somebody asks of people, because no screen does it: to correct, to restrict, to object."""
    with transaction.atomic():
        request = receive(kind=kind, source=Source.APP, user_id=actor.user_id, message=message)
        record(action="privacy.requested", outcome="success", principal=actor, kind=kind.value)
    return request


def close_open(*, user_id: UUID, kind: RequestKind, status: RequestStatus = RequestStatus.DONE) -> None:
    """Close the open requests of one kind, which need no answer of people, in the caller's transaction."""
    for request in _open_of(user_id).filter(kind=kind):
        settle(request, status=status)


def close_all(*, user_id: UUID, carried_out: RequestKind) -> None:
    """Close what somebody who is gone had asked for, in the caller's transaction: nobody is left to answer."""
    for request in _open_of(user_id):
        is_done = request.kind == carried_out
        settle(request, status=RequestStatus.DONE if is_done else RequestStatus.WITHDRAWN)


def settle(request: PrivacyRequest, *, status: RequestStatus, outcome: str = "") -> None:
    """Close a request that the caller holds."""
    save_changes(request, status=status, outcome=outcome, closed_at=timezone.now())


def close(*, actor: UUID, request_id: UUID, outcome: str, status: RequestStatus = RequestStatus.DONE) -> None:
    """Note that staff has answered a request; closing it twice changes nothing.

    Raises:
        NotFound: there is no such request.
    """
    with transaction.atomic():
        request = lock(PrivacyRequest.objects.all(), id=request_id)
        if request.status != RequestStatus.OPEN:
            return
        settle(request, status=status, outcome=outcome)
        record(action="privacy.closed", outcome="success", user_id=actor, target_type="request", target_id=request_id)


def _open_of(user_id: UUID) -> QuerySet[PrivacyRequest]:
    """Locked, in one order."""
    mine = PrivacyRequest.objects.filter(user_id=user_id, status=RequestStatus.OPEN)
    return mine.order_by("id").select_for_update()


def after_business_days(moment: datetime, days: int) -> datetime:
    """So many days from Monday to Friday later; public holidays are not known here, which errs on the early side."""
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < _SATURDAY
    return moment
