"""The WSGI application: the API and, in processes of their own, the staff screens."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.startup import without_extras

with without_extras():
    from django.core.checks import run_checks
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    if problems := run_checks(tags=["access"]):
        raise SystemExit("\n".join(str(problem) for problem in problems))
# What is loaded by now stays for good. Looking through it for garbage again and again takes a tenth of the time.
gc.freeze()
gc.set_threshold(10_000, 10, 10)
