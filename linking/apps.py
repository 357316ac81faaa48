from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LinkingConfig(AppConfig):
    name = "linking"

    def ready(self) -> None:
        from linking import checks  # noqa: F401  registers itself

        autodiscover_modules("links")
