"""The ASGI application: everything in one process (the embedded default), or sockets and uploads."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.checks import run_checks

from core.lifespan import Lifespan
from core.runner import embedded_jobs

django_application = get_asgi_application()
if problems := run_checks(tags=["access"]):
    raise SystemExit("\n".join(str(problem) for problem in problems))

application = Lifespan(django_application, *([embedded_jobs] if settings.EMBEDDED_JOBS else []))
