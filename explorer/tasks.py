"""The marketplace's clockwork."""

from datetime import timedelta

from core.jobs import job
from explorer import services


@job(name="explorer.roll_up_tallies", every=timedelta(minutes=5))
def roll_up_tallies() -> None:
    """Keep counts as few rows."""
    services.roll_up_tallies()
