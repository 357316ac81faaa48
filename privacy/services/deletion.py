"""Asking for an account to be deleted, and thinking better of it. Not here: the erasing itself (`erasing.py`).

Within the grace period the account works as before, for whoever signs in anew: somebody else who asked with a stolen
phone must not be able to lock its owner out. Signing in cancels nothing by itself; cancelling is always said.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from access.errors import LastAdmin
from access.services import check_may_leave, record
from access.types import Principal
from accounts.errors import TooManyAttempts
from accounts.selectors import find_by_email, find_user
from accounts.services import closing, links
from accounts.services.claiming import greeted_as
from core import mail
from core.db.changes import save_changes
from core.db.ids import uuid7
from core.db.instances import insert
from events.services import publish
from privacy.digests import link_digest, link_token
from privacy.errors import DeletionUnderWay, NothingToCancel, PrivacyLinkInvalid
from privacy.events import DeletionAsked, DeletionCancelled, DeletionScheduled
from privacy.models import OPEN_ERASURES, Erasure, PrivacyRequest
from privacy.selectors import erasure_behind
from privacy.services import requests
from privacy.services.holding import hold
from privacy.types import ErasureStatus, RequestKind, RequestStatus, Source

PAGE = "/privacy/delete-account/"
LEFT_TO_STAFF = "Asked for at a sign-in provider. Nobody else can give roles: appoint another admin first."
MAILS = ((3, timedelta(hours=1)), (10, timedelta(days=1)))  # to one address

_log = logging.getLogger(__name__)


def schedule(*, actor: Principal) -> Erasure:
    """Have the caller's account erased after the grace period, and sign them out everywhere. Twice is once.

    Raises:
        LastAdmin: nobody would be left who can give roles.
    """
    with transaction.atomic():
        _check_may_leave(actor.user_id)
        closing.sign_out_everywhere(user_id=actor.user_id)  # before the erasure: it locks the person
        erasure = _open_erasure(actor.user_id) or _new(actor.user_id, Source.APP)
        if erasure.status == ErasureStatus.REQUESTED:
            _plan(erasure)
            record(action="erasure.requested", outcome="success", principal=actor)
    return erasure


def schedule_for(*, user_id: UUID) -> None:
    """Do the same for somebody who asked a sign-in provider to have their data deleted.

    Nobody is there to be told that they are the last who can give roles: then the wish is left to staff.
    """
    try:
        with transaction.atomic():
            _check_may_leave(user_id)
            user = hold(user_id)
            if user is None or user.closed_at is not None:
                return
            erasure = _open_erasure(user_id) or _new(user_id, Source.PROVIDER)
            if erasure.status == ErasureStatus.REQUESTED:
                _plan_from_outside(erasure, through="provider")
    except LastAdmin:
        _leave_to_staff(user_id)


def cancel(*, actor: Principal) -> Erasure:
    """Keep the caller's account.

    Raises:
        NothingToCancel: no deletion is planned.
        DeletionUnderWay: it has begun.
    """
    with transaction.atomic():
        erasure = _open_erasure(actor.user_id)
        if erasure is None:
            raise NothingToCancel
        return _cancel(erasure)


def ask(*, email: str) -> None:
    """Take down the wish of somebody who is not signed in. It costs the same for every address.

    Nobody's mailbox is flooded: whoever was mailed often enough already finds the link there.
    """
    try:
        links.ration("deletion", email=email, sends=MAILS)
    except TooManyAttempts:
        return
    user = find_by_email(email)
    with transaction.atomic():
        publish(DeletionAsked(aggregate_id=user.id if user else uuid7()))


def mail_confirmation(*, user_id: UUID, wish: UUID | None = None) -> None:
    """Mail somebody the link that confirms their wish, or shows the deletion already planned.

    A link replaces those of former wishes, and a former wish that is told late gets the latest link. That of the same
    `wish`, the id of its event, is the same.
    """
    with transaction.atomic():
        user = hold(user_id)
        if user is None or user.closed_at is not None:
            return
        erasure = _open_erasure(user_id) or _new(user_id, Source.WEB)
        is_planned = erasure.status != ErasureStatus.REQUESTED
        link = _link(erasure, user.email, None if is_planned else wish or uuid7())
    mail.deliver("privacy/mail/confirm_deletion", to=user.email, context={"name": greeted_as(user), "link": link})


def mail_schedule(*, user_id: UUID) -> None:
    """Tell somebody when their account will be deleted, and how to keep it. The page where they confirmed goes on."""
    user = find_user(user_id)
    with transaction.atomic():
        erasure = _open_erasure(user_id)
        if user is None or erasure is None or erasure.status != ErasureStatus.SCHEDULED:
            return
        link = _link(erasure, user.email)
    values = {"name": greeted_as(user), "link": link, "executes_at": erasure.executes_at}
    mail.deliver("privacy/mail/deletion_scheduled", to=user.email, context=values)


def confirm(*, token: str) -> Erasure:
    """Schedule the deletion that a mailed link asks about. Confirming twice is confirming once.

    Raises:
        PrivacyLinkInvalid: replaced, expired, never issued, or mailed to an address that they have left since.
        LastAdmin: nobody would be left who can give roles.
    """
    found = _behind(Erasure.objects.all(), token)
    with transaction.atomic():
        if found.status == ErasureStatus.REQUESTED:
            check_may_leave(user_id=found.user_id)
        hold(found.user_id)
        erasure = _behind(Erasure.objects.select_for_update(), token)
        if erasure.status == ErasureStatus.REQUESTED:
            _plan_from_outside(erasure, through="mail")
    return erasure


def cancel_by_link(*, token: str) -> Erasure:
    """Keep the account that a mailed link is about.

    Raises:
        PrivacyLinkInvalid: replaced, expired, never issued, or mailed to an address that they have left since.
        DeletionUnderWay: it has begun.
    """
    with transaction.atomic():
        return _cancel(_behind(Erasure.objects.select_for_update(), token))


def call_off(*, user_id: UUID) -> None:
    """Keep the account of somebody who has taken it back from a stranger, who may be the one to have asked."""
    with transaction.atomic():
        hold(user_id)
        erasure = _open_erasure(user_id)
        if erasure is not None and erasure.status != ErasureStatus.RUNNING:
            _cancel(erasure)


def expire_unconfirmed() -> int:
    """Forget wishes that were never confirmed."""
    over = timezone.now() - settings.DELETION_LINK_LIFETIME
    stale = Erasure.objects.filter(status=ErasureStatus.REQUESTED, updated_at__lt=over)
    return stale.update(status=ErasureStatus.EXPIRED, link_digest="", link_nonce=None, finished_at=timezone.now())


def _check_may_leave(user_id: UUID) -> None:
    """Before any row is locked. What is planned already may stay so: it is checked again before it begins.

    Raises:
        LastAdmin: nobody would be left who can give roles.
    """
    planned = Erasure.objects.filter(user_id=user_id, status__in=(ErasureStatus.SCHEDULED, ErasureStatus.RUNNING))
    if not planned.exists():
        check_may_leave(user_id=user_id)


def _open_erasure(user_id: UUID) -> Erasure | None:
    """The deletion that is not over yet, locked."""
    return Erasure.objects.select_for_update().filter(user_id=user_id, status__in=OPEN_ERASURES).first()


def _behind(erasures: QuerySet[Erasure], token: str) -> Erasure:
    erasure = erasure_behind(token, erasures)
    if is_stale(erasure):
        raise PrivacyLinkInvalid
    return erasure


def is_stale(erasure: Erasure) -> bool:
    is_waiting = erasure.status == ErasureStatus.REQUESTED
    return is_waiting and erasure.updated_at < timezone.now() - settings.DELETION_LINK_LIFETIME


def _new(user_id: UUID, source: Source) -> Erasure:
    return insert(Erasure(user_id=user_id, status=ErasureStatus.REQUESTED, source=source))


def _link(erasure: Erasure, email: str, nonce: UUID | None = None) -> str:
    """The address of the page about a deletion. A later nonce makes another one, and the one before stops working."""
    nonce = max((each for each in (nonce, erasure.link_nonce) if each), default=uuid7())  # their order is that of time
    token = link_token(erasure.id, nonce, email)
    save_changes(erasure, link_nonce=nonce, link_digest=link_digest(token))
    return settings.PUBLIC_BASE_URL + PAGE + token


def _plan(erasure: Erasure) -> None:
    executes_at = timezone.now() + settings.ERASURE_GRACE
    save_changes(erasure, status=ErasureStatus.SCHEDULED, executes_at=executes_at)
    requests.receive(kind=RequestKind.DELETE, source=Source(erasure.source), user_id=erasure.user_id)
    publish(
        DeletionScheduled(aggregate_id=erasure.user_id, executes_at=executes_at.isoformat()), actor_id=erasure.user_id
    )


def _plan_from_outside(erasure: Erasure, *, through: str) -> None:
    _plan(erasure)
    record(action="erasure.requested", outcome="success", user_id=erasure.user_id, through=through)
    closing.sign_out_everywhere(user_id=erasure.user_id)


def _leave_to_staff(user_id: UUID) -> None:
    """Have people answer, by the day that the law sets. Once is enough."""
    with transaction.atomic():
        hold(user_id)
        waiting = PrivacyRequest.objects.filter(user_id=user_id, kind=RequestKind.DELETE, status=RequestStatus.OPEN)
        if not waiting.exists():
            requests.receive(kind=RequestKind.DELETE, source=Source.PROVIDER, user_id=user_id, message=LEFT_TO_STAFF)
            record(action="erasure.requested", outcome="failure", user_id=user_id, reason=LastAdmin.code)
    _log.warning("A deletion asked for at a provider is left to staff: it is the last admin's.")


def _cancel(erasure: Erasure) -> Erasure:
    if erasure.status in {ErasureStatus.CANCELLED, ErasureStatus.EXPIRED}:
        return erasure
    if erasure.status not in {ErasureStatus.REQUESTED, ErasureStatus.SCHEDULED}:
        raise DeletionUnderWay
    now = timezone.now()
    save_changes(erasure, status=ErasureStatus.CANCELLED, cancelled_at=now, finished_at=now)
    requests.close_open(user_id=erasure.user_id, kind=RequestKind.DELETE, status=RequestStatus.WITHDRAWN)
    record(action="erasure.cancelled", outcome="success", user_id=erasure.user_id)
    publish(DeletionCancelled(aggregate_id=erasure.user_id), actor_id=erasure.user_id)
    return erasure
