"""Publishing what happened, delivering it, and keeping the outbox and the change feed small."""

from events.services.delivery import dispatch, replay
from events.services.publishing import publish
from events.services.upkeep import (
    install_feed,
    purge_events,
    purge_tombstones,
    renew_epoch,
    roll_up_versions,
)

__all__ = [
    "dispatch",
    "install_feed",
    "publish",
    "purge_events",
    "purge_tombstones",
    "renew_epoch",
    "replay",
    "roll_up_versions",
]
