"""Asking for an account to be deleted, and thinking better of it. Not here: the erasing itself (`erasing.py`).

Within the grace period the account works as before, for whoever signs in anew: somebody else who asked with a stolen
phone must not be able to lock its owner out. Signing in cancels nothing by itself; cancelling is always said.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts.errors import TooManyAttempts
from accounts.selectors import find_by_email, find_user
from accounts.services import closing, links
from core import mail
from core.db.changes import save_changes
from core.db.ids import uuid7
from core.db.instances import insert
from events.services import publish
from privacy.digests import link_digest, new_link_token
from privacy.errors import DeletionUnderWay, NothingToCancel, PrivacyLinkInvalid
from privacy.events import DeletionAsked, DeletionCancelled, DeletionScheduled
from privacy.models import OPEN_ERASURES, Erasure
from privacy.services import requests
from privacy.types import ErasureStatus, RequestKind, RequestStatus, Source

PAGE = "/privacy/delete-account/"
MAILS = ((3, timedelta(hours=1)), (10, timedelta(days=1)))  # to one address


def schedule(*, actor: Principal) -> Erasure:
    """Have the caller's account erased after the grace period, and sign them out everywhere. Twice is once."""
    with transaction.atomic():
        closing.sign_out_everywhere(user_id=actor.user_id)  # first: its locks make two phones wait for each other
        erasure = _open_erasure(actor.user_id) or _new(actor.user_id, ErasureStatus.REQUESTED, Source.APP)
        if erasure.status == ErasureStatus.REQUESTED:
            _plan(erasure)
            record(action="erasure.requested", outcome="success", principal=actor)
    return erasure


def schedule_for(*, user_id: UUID) -> None:
    """Do the same for somebody who asked a sign-in provider to have their data deleted."""
    user = find_user(user_id)
    if user is None or not user.is_active:
        return
    with transaction.atomic():
        erasure = _open_erasure(user_id) or _new(user_id, ErasureStatus.REQUESTED, Source.PROVIDER)
        if erasure.status == ErasureStatus.REQUESTED:
            _plan(erasure)
            record(action="erasure.requested", outcome="success", user_id=user_id, through="provider")
            closing.sign_out_everywhere(user_id=user_id)


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


def mail_confirmation(*, user_id: UUID) -> None:
    """Mail somebody the link that confirms their wish, or shows the deletion already planned."""
    user = find_user(user_id)
    if user is None or not user.is_active:
        return
    with transaction.atomic():
        erasure = _open_erasure(user_id) or _new(user_id, ErasureStatus.REQUESTED, Source.WEB)
        link = _new_link(erasure)
    mail.deliver("privacy/mail/confirm_deletion", to=user.email, context={"name": user.full_name, "link": link})


def mail_schedule(*, user_id: UUID) -> None:
    """Tell somebody when their account will be deleted, and how to keep it."""
    user = find_user(user_id)
    with transaction.atomic():
        erasure = _open_erasure(user_id)
        if user is None or erasure is None or erasure.status != ErasureStatus.SCHEDULED:
            return
        link = _new_link(erasure)
    values = {"name": user.full_name, "link": link, "executes_at": erasure.executes_at}
    mail.deliver("privacy/mail/deletion_scheduled", to=user.email, context=values)


def confirm(*, token: str) -> Erasure:
    """Schedule the deletion that a mailed link asks about. Confirming twice is confirming once.

    Raises:
        PrivacyLinkInvalid: replaced, expired or never issued.
    """
    with transaction.atomic():
        erasure = _by_link(token)
        if erasure.status == ErasureStatus.REQUESTED:
            _plan(erasure)
            record(action="erasure.requested", outcome="success", user_id=erasure.user_id, through="mail")
            closing.sign_out_everywhere(user_id=erasure.user_id)
    return erasure


def cancel_by_link(*, token: str) -> Erasure:
    """Keep the account that a mailed link is about.

    Raises:
        PrivacyLinkInvalid: replaced, expired or never issued.
        DeletionUnderWay: it has begun.
    """
    with transaction.atomic():
        return _cancel(_by_link(token))


def expire_unconfirmed() -> int:
    """Forget wishes that were never confirmed."""
    over = timezone.now() - settings.DELETION_LINK_LIFETIME
    stale = Erasure.objects.filter(status=ErasureStatus.REQUESTED, updated_at__lt=over)
    return stale.update(status=ErasureStatus.EXPIRED, link_digest="")


def _open_erasure(user_id: UUID) -> Erasure | None:
    """The deletion that is not over yet, locked."""
    return Erasure.objects.select_for_update().filter(user_id=user_id, status__in=OPEN_ERASURES).first()


def _by_link(token: str) -> Erasure:
    erasure = Erasure.objects.select_for_update().filter(link_digest=link_digest(token)).first()
    if erasure is None or is_stale(erasure):
        raise PrivacyLinkInvalid
    return erasure


def is_stale(erasure: Erasure) -> bool:
    is_waiting = erasure.status == ErasureStatus.REQUESTED
    return is_waiting and erasure.updated_at < timezone.now() - settings.DELETION_LINK_LIFETIME


def _new(user_id: UUID, status: ErasureStatus, source: Source) -> Erasure:
    return insert(Erasure(user_id=user_id, status=status, source=source))


def _new_link(erasure: Erasure) -> str:
    """The address of the page about a deletion; the one mailed before stops working."""
    token = new_link_token()
    save_changes(erasure, link_digest=link_digest(token))
    return settings.PUBLIC_BASE_URL + PAGE + token


def _plan(erasure: Erasure) -> None:
    executes_at = timezone.now() + settings.ERASURE_GRACE
    save_changes(erasure, status=ErasureStatus.SCHEDULED, executes_at=executes_at)
    requests.receive(kind=RequestKind.DELETE, source=Source(erasure.source), user_id=erasure.user_id)
    publish(
        DeletionScheduled(aggregate_id=erasure.user_id, executes_at=executes_at.isoformat()), actor_id=erasure.user_id
    )


def _cancel(erasure: Erasure) -> Erasure:
    if erasure.status in {ErasureStatus.CANCELLED, ErasureStatus.EXPIRED}:
        return erasure
    if erasure.status not in {ErasureStatus.REQUESTED, ErasureStatus.SCHEDULED}:
        raise DeletionUnderWay
    save_changes(erasure, status=ErasureStatus.CANCELLED, cancelled_at=timezone.now())
    requests.close_open(user_id=erasure.user_id, kind=RequestKind.DELETE, status=RequestStatus.WITHDRAWN)
    record(action="erasure.cancelled", outcome="success", user_id=erasure.user_id)
    publish(DeletionCancelled(aggregate_id=erasure.user_id), actor_id=erasure.user_id)
    return erasure
