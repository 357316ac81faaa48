from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class PrivacyConfig(AppConfig):
    name = "privacy"

    def ready(self) -> None:
        from core.observability.collectors import register_figure
        from privacy import append_only, selectors

        autodiscover_modules("privacy")
        post_migrate.connect(append_only.protect, sender=self, dispatch_uid="privacy.append_only")
        register_figure("privacy_requests_overdue", "Requests past their day.", selectors.overdue_requests)
        register_figure("privacy_erasures_late", "Erasures a day late.", selectors.late_erasures)
