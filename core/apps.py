from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core.http import routing  # noqa: F401  registers the access check
        from core.observability.start import start

        autodiscover_modules("tasks")
        start()
