from django.apps import AppConfig
from django.db.models.signals import post_migrate


class FinanceConfig(AppConfig):
    name = "finance"

    def ready(self) -> None:
        from finance import append_only

        post_migrate.connect(append_only.protect, sender=self, dispatch_uid="finance.append_only")
