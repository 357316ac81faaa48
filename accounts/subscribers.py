"""How accounts reacts to what happened."""

from accounts.events import SessionEnded
from accounts.selectors import find_user
from accounts.types import EndReason
from core import mail
from core.contributions.events import Published, subscriber


@subscriber(SessionEnded.name, name="accounts.warn_of_reuse")
def warn_of_reuse(event: Published) -> None:
    """Tell somebody that a session of theirs was ended because its token came back a second time."""
    if event.payload["reason"] != EndReason.REUSE:
        return
    user = find_user(event.payload["user_id"])
    if user is not None:
        mail.send("accounts/mail/session_reused", to=user.email, context={"name": user.full_name})
