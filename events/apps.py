from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        from core.observability.collectors import register_figure
        from core.observability.readiness import register_check
        from events import selectors

        autodiscover_modules("events", "feed", "subscribers")
        post_migrate.connect(_install_feed, sender=self)
        register_check("change_feed", lambda: not selectors.missing_triggers())
        register_figure("outbox_pending", "Deliveries that wait.", selectors.pending_deliveries)
        register_figure("outbox_dead", "Deliveries that were given up.", selectors.dead_deliveries)
        register_figure("outbox_lag_seconds", "Age of the oldest delivery that waits.", selectors.outbox_lag_seconds)
        register_figure("feed_horizon_lag_seconds", "Age of the oldest writer.", selectors.horizon_lag_seconds)


def _install_feed(**kwargs: Any) -> None:
    from events.services import install_feed

    install_feed()
