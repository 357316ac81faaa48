from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LaunchpadConfig(AppConfig):
    name = "launchpad"

    def ready(self) -> None:
        autodiscover_modules("cards")
