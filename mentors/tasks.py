"""The clockwork of mentoring."""

from datetime import timedelta

from core.jobs import job
from mentors import services


@job(name="mentors.expire", every=timedelta(minutes=1))
def expire() -> None:
    """Let sessions go that nobody answered in time, batch after batch."""
    while services.expire_sessions():
        pass
