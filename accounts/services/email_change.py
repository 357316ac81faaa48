"""Changing one's address: effective once confirmed from the new mailbox, revertible for a week from the old one.

Nothing shows whether somebody else has the new address: in that case its owner is told, by a mail without a link.
While a change can be reverted nobody else can take the old address, or a thief would bar the way back. Of several
changes in a row each can be reverted by the mailbox that it left, and the first of them has the last word.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts.addresses import canonical
from accounts.digests import link_digest, new_link_token
from accounts.errors import EmailUnavailable, LinkInvalid
from accounts.events import EmailChanged, EmailChangeRequested, EmailReverted, FreelancerVerified, LinkRequested
from accounts.models import DeviceSession, EmailChange, MailedToken, User
from accounts.selectors import is_reserved
from accounts.services import links, recovery
from accounts.services.callers import lock_caller
from accounts.services.claiming import distrust
from accounts.services.endings import start_over
from accounts.services.holds import hold_payouts
from accounts.types import EndReason, Purpose
from core import mail
from core.db.changes import lock, save_changes
from core.errors import Invalid
from events.services import publish

CONFIRMABLE = timedelta(days=1)
REVERTIBLE = timedelta(days=7)
PREPARED = timedelta(days=1)  # a thief may have added a key of his own first
_ENDED_HARMLESSLY = ("", EndReason.LOGOUT, EndReason.EVICTED)  # or not at all
CONFIRM_PATH, REVERT_PATH = "/v1/auth/change-email/", "/v1/auth/revert-email/"


def ask(*, actor: Principal, new_email: str) -> None:
    """Take down the wish. It replaces a former one that is not confirmed yet.

    Raises:
        Invalid: not an address, or the present one.
        SessionEnded: in the meantime, for whatever reason.
        TooManyAttempts: so much was mailed to this address about it, whoever asked.
    """
    address = canonical(new_email, field="new_email")
    with transaction.atomic():
        user = lock_caller(actor)
        if address == user.email:
            raise Invalid.field("new_email", "This is your address already.", "unchanged")
        links.ration("change_email", email=address)
        user.email_changes.filter(confirmed_at=None).delete()
        change = EmailChange.objects.create(
            user=user,
            old_email=user.email,
            new_email=address,
            session_id=actor.session_id,
            security_version=user.security_version,
            is_revertible=user.is_email_verified,
            expires_at=timezone.now() + CONFIRMABLE,
        )
        record(action="email.change_requested", outcome="success", principal=actor)
        publish(EmailChangeRequested(aggregate_id=user.id, change_id=change.id), actor_id=user.id)


def mail_confirmation(*, change_id: UUID) -> None:
    """Mail the new address a link, or tell its owner that it was tried. A second mail voids the link of the first."""
    change = _current().filter(id=change_id, confirmed_at=None).select_related("user").first()
    if change is None:
        return
    if _is_taken(change.new_email, by_other_than=change.user):
        mail.deliver("accounts/mail/email_in_use", to=change.new_email, context={})
        return
    link = settings.PUBLIC_BASE_URL + CONFIRM_PATH + _renew(change)
    mail.deliver("accounts/mail/confirm_new_email", to=change.new_email, context={"link": link})


def confirm(*, token: str) -> None:
    """Make the new address the user's. Links mailed to the old one are void; other sessions end.

    Raises:
        LinkInvalid: used, replaced, expired or never issued; or whoever asked was put out since.
        EmailUnavailable: in the meantime somebody has registered with it.
    """
    with transaction.atomic():
        change, user = _taken(token, is_confirmed=False)
        if user.email != change.old_email or not _is_still_asked(change, user):
            raise LinkInvalid
        if _is_taken(change.new_email, by_other_than=user):
            raise EmailUnavailable
        was_verified = user.is_email_verified
        _put(user, change.new_email)
        _open_way_back(change)
        start_over(user=user, reason=EndReason.EMAIL_CHANGED, keep=change.session_id)
        record(action="email.changed", outcome="success", user_id=user.id, target_type="user", target_id=user.id)
        publish(EmailChanged(aggregate_id=user.id, change_id=change.id), actor_id=user.id)
        if not was_verified:
            publish(FreelancerVerified(aggregate_id=user.id), actor_id=user.id)


def mail_way_back(*, change_id: UUID) -> None:
    """Tell the old address, with a link that takes the change back. An address never confirmed may be a stranger's."""
    change = (
        _current().filter(id=change_id, is_revertible=True).exclude(confirmed_at=None).select_related("user").first()
    )
    if change is None:
        return
    link = settings.PUBLIC_BASE_URL + REVERT_PATH + _renew(change)
    # No name: it is a thief's to choose by now.
    mail.deliver("accounts/mail/email_changed", to=change.old_email, context={"link": link})


def revert(*, token: str) -> None:
    """Give the account back to its old address. The password counts as known to others; a link for a new one is mailed.

    Whatever opens the account and was added since the session began that asked for the change, or within a day before,
    counts as the thief's. An earlier change stays, as the thief may have made that one too: its mailbox still decides.

    Raises:
        LinkInvalid: used, expired or never issued.
    """
    with transaction.atomic():
        change, user = _taken(token, is_confirmed=True)
        _put(user, change.old_email)
        distrust(user, since=_suspect_since(change))
        user.email_changes.filter(created_at__gte=change.created_at).delete()  # also what led on from the new address
        save_changes(user, password=make_password(None))
        start_over(user=user, reason=EndReason.EMAIL_CHANGED)
        record(action="email.reverted", outcome="success", user_id=user.id, target_type="user", target_id=user.id)
        publish(EmailReverted(aggregate_id=user.id), actor_id=user.id)
        publish(LinkRequested(aggregate_id=user.id, purpose=Purpose.RESET_PASSWORD), actor_id=user.id)


def _is_taken(address: str, *, by_other_than: User) -> bool:
    """An address that waits for an owner's second thoughts waits for that owner."""
    return User.objects.filter(email=address).exists() or is_reserved(address, but_for=by_other_than.id)


def _open_way_back(change: EmailChange) -> None:
    """Let a change be reverted from now on, unless it went back to an address that had a way back itself.

    Else whoever was at the address just left could come again, once the week of the other has run out.
    """
    goes_back = is_reserved(change.new_email)
    save_changes(
        change,
        is_revertible=change.is_revertible and not goes_back,
        confirmed_at=timezone.now(),
        expires_at=timezone.now() + REVERTIBLE,
        digest=None,
    )


def _suspect_since(change: EmailChange) -> datetime:
    """From when on what was added to the account may be the work of whoever changed its address."""
    began = DeviceSession.objects.filter(id=change.session_id).values_list("auth_time", flat=True).first()
    prepared = change.created_at - PREPARED
    return min(began, prepared) if began else prepared


def _put(user: User, address: str) -> None:
    """Set a locked user's address, which the link has just confirmed; what was mailed to the former one is void."""
    try:
        with transaction.atomic():
            save_changes(user, email=address, email_verified_at=timezone.now())
    except IntegrityError as error:
        raise EmailUnavailable from error
    MailedToken.objects.filter(user=user).delete()
    recovery.drop(user, reason="email_changed")
    hold_payouts(user)


def _current() -> QuerySet[EmailChange]:
    return EmailChange.objects.filter(expires_at__gt=timezone.now(), user__is_active=True)


def _renew(change: EmailChange) -> str:
    """A new link, unless the change has gone on meanwhile: then the other mailbox has the link that counts."""
    token = new_link_token()
    EmailChange.objects.filter(id=change.id, confirmed_at=change.confirmed_at).update(digest=link_digest(token))
    return token


def _is_still_asked(change: EmailChange, user: User) -> bool:
    """Whether the owner has not started over since, nor put the session out that asked: it may be a thief's."""
    asking = DeviceSession.objects.filter(id=change.session_id, revoked_reason__in=_ENDED_HARMLESSLY)
    return change.security_version == user.security_version and asking.exists()


def _taken(token: str, *, is_confirmed: bool) -> tuple[EmailChange, User]:
    """A change and its user, both locked: the user first, as everybody does."""
    found = _current().filter(digest=link_digest(token), confirmed_at__isnull=not is_confirmed)
    user_id = found.values_list("user_id", flat=True).first()
    if user_id is None:
        raise LinkInvalid
    user = lock(User.objects.all(), id=user_id)
    change = found.select_for_update(no_key=True, of=("self",)).first()
    if change is None:  # of two uses at once the second finds nothing
        raise LinkInvalid
    return change, user
