"""When events are sent, and when what was delivered is forgotten."""

from datetime import timedelta

from core.jobs import job
from webhooks import services


@job(name="webhooks.deliver", every=timedelta(seconds=5))
def deliver() -> None:
    """Rung by every delivery that is written, and by the clock for those that came due or lost their sender."""
    services.deliver_due()


@job(name="webhooks.purge", every=timedelta(hours=6))
def purge() -> None:
    services.purge_deliveries()
