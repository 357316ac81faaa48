from django.apps import AppConfig
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.db import reset_queries
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core.http.routing import remember_routes  # also registers the access check
        from core.observability.start import start

        # Around every request Django would empty a log of queries that is not written without DEBUG, and close caches,
        # though the connections of ours belong to the process.
        request_started.disconnect(reset_queries)
        request_finished.disconnect(close_caches)
        remember_routes()
        autodiscover_modules("tasks")
        start()
