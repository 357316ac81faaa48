"""When mail goes out."""

from datetime import timedelta

from core.jobs import job
from notifications import services


@job(name="notifications.send", every=timedelta(seconds=30))
def send() -> None:
    """Rung for every new notification, and by the clock for what waited, failed or was forgotten."""
    while services.send_due():
        pass
