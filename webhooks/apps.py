from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self) -> None:
        from core.observability.collectors import register_figure
        from webhooks import selectors

        register_figure("webhooks_pending", "Deliveries to active endpoints that wait.", selectors.pending_deliveries)
        register_figure("webhooks_lag_seconds", "How long the oldest due delivery waits.", selectors.lag_seconds)
        register_figure("webhooks_endpoints_disabled", "Endpoints that get nothing.", selectors.disabled_endpoints)
