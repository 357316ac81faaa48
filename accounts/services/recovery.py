"""Getting back in without the second factor, when the phone and the recovery codes are lost.

Reading mail does not replace a factor, so it only begins a wait of three days, of which the owner is told wherever
we can reach them and which they can end from any session or by mail. Then the mailed link takes the factor away, and
everything that was proved before is void; how to sign in is as before, with a password or by mail.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts.digests import link_digest, new_link_token
from accounts.errors import LinkInvalid, RecoveryWaiting
from accounts.events import RecoveryFinished, RecoveryRequested, RecoveryStarted
from accounts.models import AccountRecovery, EmailChange, User
from accounts.selectors import find_by_email
from accounts.services import factors, links
from accounts.services.claiming import greeted_as
from accounts.services.endings import start_over
from accounts.services.holds import hold_payouts
from accounts.types import EndReason, Purpose
from core import mail
from core.db.changes import lock, save_changes
from core.db.ids import uuid7
from core.errors import NotFound
from events.services import publish

LINK_LIFETIME = timedelta(hours=1)
WAIT = timedelta(hours=72)
FINISHABLE = timedelta(days=7)  # once the wait is over
PATH, CANCEL_PATH = "/v1/auth/recovery/", "/v1/auth/recovery/cancel/"


def ask(*, email: str) -> None:
    """Take down the wish, at the same cost for every address.

    Raises:
        TooManyAttempts: so much was mailed to this address, or would have been.
    """
    links.ration("recovery", email=email)
    user = find_by_email(email)
    with transaction.atomic():
        publish(RecoveryRequested(aggregate_id=user.id if user else uuid7()))


def mail_link(*, user_id: UUID) -> None:
    """Mail the link that begins the wait, and later ends it. It voids the former one; the wait goes on."""
    with transaction.atomic():
        user = links.lock_addressee(user_id)
        if user is None:
            return
        token = _renew(user) if user.has_second_factor else ""
    if not token:
        links.mail_link(purpose=Purpose.RESET_PASSWORD, user_id=user_id)
        return
    link = settings.PUBLIC_BASE_URL + PATH + token
    mail.deliver("accounts/mail/recover_account", to=user.email, context={"name": greeted_as(user), "link": link})


def go_on(*, token: str) -> datetime | None:
    """Begin the wait, and say when it is over; once it is, take the second factor away, and answer None.

    Raises:
        LinkInvalid: replaced, expired, cancelled or never issued.
        RecoveryWaiting: not yet.
    """
    with transaction.atomic():
        recovery, user = _taken(_current().filter(digest=link_digest(token)))
        if recovery.ready_at is None:
            return _begin(recovery, user)
        if recovery.ready_at > timezone.now():
            raise RecoveryWaiting(ready_at=recovery.ready_at)
        _finish(recovery, user)
        return None


def warn(*, user_id: UUID) -> None:
    """Tell the owner, also at an address that was theirs a few days ago, with a link that ends the recovery."""
    recovery = _current().filter(user_id=user_id).exclude(ready_at=None).select_related("user").first()
    if recovery is None:
        return
    token = new_link_token()
    AccountRecovery.objects.filter(id=recovery.id).update(cancel_digest=link_digest(token))
    values = {"link": settings.PUBLIC_BASE_URL + CANCEL_PATH + token, "ready_at": recovery.ready_at}
    for address in {recovery.user.email, *_former_addresses(user_id)}:
        mail.deliver("accounts/mail/recovery_started", to=address, context=values)


def cancel(*, actor: Principal) -> None:
    """Leave everything as it is, at the word of any session.

    Raises:
        NotFound: nobody waits for anything.
    """
    with transaction.atomic():
        if not drop(lock(User.objects.all(), id=actor.user_id), reason="cancelled"):
            raise NotFound


def cancel_by_link(*, token: str) -> None:
    """Leave everything as it is, at the word of whoever was told by mail.

    Raises:
        LinkInvalid: over, or never issued.
    """
    with transaction.atomic():
        _, user = _taken(_current().filter(cancel_digest=link_digest(token)))
        drop(user, reason="cancelled_by_mail")


def drop(user: User, *, reason: str) -> bool:
    """End the recovery of a locked user, if there is one, in the caller's transaction."""
    dropped, _ = AccountRecovery.objects.filter(user=user).delete()
    if dropped:
        record(
            action="recovery.cancelled",
            outcome="success",
            user_id=user.id,
            target_type="user",
            target_id=user.id,
            reason=reason,
        )
    return bool(dropped)


def _renew(user: User) -> str:
    token, now = new_link_token(), timezone.now()
    AccountRecovery.objects.filter(user=user, expires_at__lte=now).delete()
    AccountRecovery.objects.update_or_create(
        user=user,
        defaults={"digest": link_digest(token)},
        create_defaults={"digest": link_digest(token), "expires_at": now + LINK_LIFETIME},
    )
    return token


def _begin(recovery: AccountRecovery, user: User) -> datetime:
    ready_at = timezone.now() + WAIT
    save_changes(recovery, ready_at=ready_at, expires_at=ready_at + FINISHABLE)
    record(action="recovery.started", outcome="success", user_id=user.id, target_type="user", target_id=user.id)
    publish(RecoveryStarted(aggregate_id=user.id, ready_at=ready_at), actor_id=user.id)
    return ready_at


def _finish(recovery: AccountRecovery, user: User) -> None:
    recovery.delete()
    factors.take_away(user)
    hold_payouts(user)
    start_over(user=user, reason=EndReason.RECOVERED)
    record(action="recovery.finished", outcome="success", user_id=user.id, target_type="user", target_id=user.id)
    publish(RecoveryFinished(aggregate_id=user.id), actor_id=user.id)


def _current() -> QuerySet[AccountRecovery]:
    return AccountRecovery.objects.filter(expires_at__gt=timezone.now(), user__is_active=True)


def _taken(found: QuerySet[AccountRecovery]) -> tuple[AccountRecovery, User]:
    """A recovery and its user, both locked: the user first, as everybody does."""
    user_id = found.values_list("user_id", flat=True).first()
    if user_id is None:
        raise LinkInvalid
    user = lock(User.objects.all(), id=user_id)
    recovery = found.select_for_update(no_key=True, of=("self",)).first()
    if recovery is None:
        raise LinkInvalid
    return recovery, user


def _former_addresses(user_id: UUID) -> list[str]:
    recent = EmailChange.objects.filter(user_id=user_id, is_revertible=True, expires_at__gt=timezone.now())
    return list(recent.exclude(confirmed_at=None).values_list("old_email", flat=True))
