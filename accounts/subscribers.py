"""How accounts reacts to what happened: by mail. Whatever becomes of a process or a mail server, the outbox insists."""

from uuid import UUID

from accounts.events import FreelancerRegistered, LinkRequested, PasswordReset, SessionEnded
from accounts.selectors import find_user
from accounts.services import links
from accounts.types import EndReason, Purpose
from core import mail
from core.contributions.events import Published, subscriber


@subscriber(FreelancerRegistered.name, name="accounts.mail_verification", is_slow=True)
def mail_verification(event: Published) -> None:
    links.mail_link(purpose=Purpose.VERIFY_EMAIL, user_id=event.aggregate_id)


@subscriber(LinkRequested.name, name="accounts.mail_link", is_slow=True)
def mail_link(event: Published) -> None:
    links.mail_link(purpose=Purpose(event.payload["purpose"]), user_id=event.aggregate_id)


@subscriber(PasswordReset.name, name="accounts.tell_of_reset", is_slow=True)
def tell_of_reset(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/password_changed")


@subscriber(SessionEnded.name, name="accounts.warn_of_reuse", is_slow=True)
def warn_of_reuse(event: Published) -> None:
    """Tell somebody that a session of theirs was ended because its token came back a second time."""
    if event.payload["reason"] == EndReason.REUSE:
        _tell(UUID(event.payload["user_id"]), "accounts/mail/session_reused")


def _tell(user_id: UUID, template: str) -> None:
    user = find_user(user_id)
    if user is not None:
        mail.deliver(template, to=user.email, context={"name": user.full_name})
