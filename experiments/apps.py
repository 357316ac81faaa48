from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class ExperimentsConfig(AppConfig):
    name = "experiments"

    def ready(self) -> None:
        from experiments import services

        autodiscover_modules("flags")
        post_migrate.connect(services.synchronise, sender=self, dispatch_uid="experiments.flags")
