"""When events are delivered, and when the outbox and the change feed are tidied up."""

from datetime import timedelta

from core.jobs import job
from events import services


@job(name="events.dispatch", every=timedelta(seconds=10))
def dispatch() -> None:
    """Rung by every `publish`, and by the clock for what a lost doorbell or a killed worker left behind."""
    services.dispatch()


@job(name="events.roll_up_versions", every=timedelta(minutes=1))
def roll_up_versions() -> None:
    services.roll_up_versions()


@job(name="events.purge", every=timedelta(hours=6))
def purge() -> None:
    services.purge_events()
    services.purge_tombstones()
