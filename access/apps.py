from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        from access import append_only, personas

        autodiscover_modules("scopes")
        post_migrate.connect(personas.synchronise, sender=self, dispatch_uid="access.personas")
        post_migrate.connect(append_only.protect, sender=self, dispatch_uid="access.append_only")
