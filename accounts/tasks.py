"""Jobs of accounts: clearing away what is over."""

from datetime import timedelta

from accounts.services import housekeeping
from core.jobs import job


@job(name="accounts.clear_away", every=timedelta(hours=6))
def clear_away() -> None:
    housekeeping.clear_away()
