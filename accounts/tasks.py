"""Jobs of accounts: clearing away what is over, and trust that has grown old."""

from datetime import timedelta

from accounts.services import assurance, housekeeping
from core.jobs import job


@job(name="accounts.clear_away", every=timedelta(hours=6))
def clear_away() -> None:
    housekeeping.clear_away()


@job(name="accounts.lapse_assurance", every=timedelta(hours=1))
def lapse_assurance() -> None:
    assurance.lapse()
