"""Jobs of accounts: mail that carries secrets, and clearing away what is over."""

from datetime import timedelta
from uuid import UUID

from accounts.services import housekeeping, links
from accounts.types import Purpose
from core.jobs import job


@job(name="accounts.mail_verification")
def mail_verification(user_id: str) -> None:
    links.mail_link(purpose=Purpose.VERIFY_EMAIL, user_id=UUID(user_id))


@job(name="accounts.mail_verification_to")
def mail_verification_to(email: str) -> None:
    links.mail_link(purpose=Purpose.VERIFY_EMAIL, email=email)


@job(name="accounts.mail_reset_to")
def mail_reset_to(email: str) -> None:
    links.mail_link(purpose=Purpose.RESET_PASSWORD, email=email)


@job(name="accounts.clear_away", every=timedelta(hours=6))
def clear_away() -> None:
    housekeeping.clear_away()
