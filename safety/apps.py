from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SafetyConfig(AppConfig):
    name = "safety"

    def ready(self) -> None:
        from core.observability.collectors import register_figure
        from safety import selectors

        autodiscover_modules("safety")
        register_figure("safety_reports_waiting", "Reports without a decision.", selectors.waiting_reports)
        register_figure("safety_reports_overdue", "Those older than 24 hours.", selectors.overdue_reports)
