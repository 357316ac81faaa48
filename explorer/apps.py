from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ExplorerConfig(AppConfig):
    name = "explorer"

    def ready(self) -> None:
        from explorer import triggers

        post_migrate.connect(triggers.install, sender=self, dispatch_uid="explorer.triggers")
