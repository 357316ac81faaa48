"""The ASGI application: everything in one process (the embedded default), or sockets and uploads."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.startup import without_extras

with without_extras():
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.core.checks import run_checks

    from core.http.body_limit import BodyLimit
    from core.lifespan import Lifespan
    from core.runner import embedded_jobs

    django_application = get_asgi_application()
    if problems := run_checks(tags=["access"]):
        raise SystemExit("\n".join(str(problem) for problem in problems))

limited_application = BodyLimit(django_application, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
application = Lifespan(limited_application, *([embedded_jobs] if settings.EMBEDDED_JOBS else []))
