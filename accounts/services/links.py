"""Links sent by mail: confirming an address, and choosing a new password.

Asking for one does the same for every address, known or not: the wish is published, and a subscriber mails what is
due. A new link kills the former ones of its kind, and using one deletes it in the same transaction as its effect.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from access.services import record
from accounts import attempts, passwords
from accounts.addresses import counted_as
from accounts.digests import link_digest, new_link_token
from accounts.errors import LinkInvalid
from accounts.events import FreelancerVerified, LinkRequested, PasswordReset
from accounts.models import MailedToken, User
from accounts.selectors import find_by_email
from accounts.services.claiming import distrust, greeted_as
from accounts.services.endings import start_over
from accounts.services.holds import hold_payouts
from accounts.types import EndReason, Purpose
from core import mail
from core.db.changes import lock, save_changes
from core.db.ids import uuid7
from events.services import publish

SENDS = ((3, timedelta(minutes=15)), (10, timedelta(days=1)))  # for each address and purpose
LIFETIMES = {Purpose.VERIFY_EMAIL: timedelta(days=3), Purpose.RESET_PASSWORD: timedelta(hours=1)}
PATHS = {Purpose.VERIFY_EMAIL: "/v1/auth/verify-email/", Purpose.RESET_PASSWORD: "/v1/auth/reset-password/"}
TEMPLATES = {Purpose.VERIFY_EMAIL: "accounts/mail/verify_email", Purpose.RESET_PASSWORD: "accounts/mail/reset_password"}


def ration(subject: str, *, email: str, sends: tuple[tuple[int, timedelta], ...] = SENDS) -> None:
    """Count one mail about `subject` to an address, whoever asks for it and from wherever.

    Raises:
        TooManyAttempts: so much was mailed to this address, or would have been.
    """
    attempts.ration(f"{subject} {counted_as(email)}", sends)


def ask_for(*, purpose: Purpose, email: str) -> None:
    """Take down the wish for a link. It costs the same for every address; whether to mail is found out later.

    Raises:
        TooManyAttempts: so much was mailed to this address, or would have been.
    """
    ration(purpose, email=email)
    user = find_by_email(email)
    with transaction.atomic():
        publish(LinkRequested(aggregate_id=user.id if user else uuid7(), purpose=purpose))


def mail_link(*, purpose: Purpose, user_id: UUID) -> None:
    """Mail somebody a fresh link, at their stored address, if there is anything to confirm or reset."""
    with transaction.atomic():
        user = lock_addressee(user_id)
        if user is None or (purpose is Purpose.VERIFY_EMAIL and user.is_email_verified):
            return
        token = _issue(user, purpose)
    mail.deliver(
        TEMPLATES[purpose],
        to=user.email,
        context={"name": greeted_as(user), "link": settings.PUBLIC_BASE_URL + PATHS[purpose] + token},
    )


def lock_addressee(user_id: UUID) -> User | None:
    """Somebody to mail a link to, locked: a change of address voids links, and has to find the one that is made now."""
    return User.objects.filter(id=user_id, is_active=True).select_for_update(no_key=True).first()


def confirm_email(*, token: str) -> None:
    """Confirm the address that the link was sent to.

    Raises:
        LinkInvalid: used, replaced, expired, never issued, or sent to an address that is not theirs any more.
    """
    with transaction.atomic():
        user = _take(_find(token, Purpose.VERIFY_EMAIL))
        if user.is_email_verified:
            return
        save_changes(user, email_verified_at=timezone.now())
        record(action="email.verified", outcome="success", user_id=user.id)
        publish(FreelancerVerified(aggregate_id=user.id), actor_id=user.id)


def reset_password(*, token: str, new_password: str) -> None:
    """Set a new password and end every session; the link proves the address as well.

    A second factor stays, unless nobody had shown the address to be theirs before: then it may be a stranger's.

    Raises:
        LinkInvalid: used, replaced, expired, never issued, or sent to an address that is not theirs any more.
        Invalid: the password is not acceptable; the link can be used again.
    """
    link = _find(token, Purpose.RESET_PASSWORD)
    passwords.check_acceptable(new_password, user=link.user, field="new_password")
    link.user.set_password(new_password)  # outside of the transaction: it takes long
    with transaction.atomic():
        user = _take(link)
        was_verified = user.is_email_verified
        save_changes(user, password=link.user.password, email_verified_at=user.email_verified_at or timezone.now())
        hold_payouts(user)
        start_over(user=user, reason=EndReason.PASSWORD_RESET)
        if not was_verified:
            distrust(user)
        record(action="password.changed", outcome="success", user_id=user.id, reason="reset")
        publish(PasswordReset(aggregate_id=user.id), actor_id=user.id)


def _issue(user: User, purpose: Purpose) -> str:
    token = new_link_token()
    with transaction.atomic():
        MailedToken.objects.filter(user=user, purpose=purpose).delete()
        MailedToken.objects.create(
            digest=link_digest(token),
            user=user,
            purpose=purpose,
            email=user.email,
            expires_at=timezone.now() + LIFETIMES[purpose],
        )
    return token


def _find(token: str, purpose: Purpose) -> MailedToken:
    valid = MailedToken.objects.filter(purpose=purpose, expires_at__gt=timezone.now(), user__is_active=True)
    link = valid.select_related("user").filter(digest=link_digest(token)).first()
    if link is None:
        raise LinkInvalid
    return link


def _take(link: MailedToken) -> User:
    """Spend a link; its user, locked first, as everybody does who voids links. Of two uses at once the second fails."""
    user: User = lock(User.objects.filter(is_active=True), id=link.user_id)
    spent, _ = MailedToken.objects.filter(digest=link.digest).delete()
    if not spent or user.email != link.email:
        raise LinkInvalid
    return user
