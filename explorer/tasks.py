"""The marketplace's clockwork."""

from datetime import timedelta

from core.jobs import job
from explorer import search, services


@job(name="explorer.roll_up_tallies", every=timedelta(minutes=5))
def roll_up_tallies() -> None:
    """Keep counts as few rows."""
    services.roll_up_tallies()


@job(name="explorer.forget_unused_words", every=timedelta(hours=12))
def forget_unused_words() -> None:
    """Suggest no word that stood only in listings which are gone, such as a name."""
    search.forget_unused()
