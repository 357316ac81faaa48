"""Emptying append-only tables between transactional tests, which their triggers would refuse."""

from django.apps import apps
from django.db import connection
from django.db.models.signals import post_migrate

from access.append_only import TABLES
from finance.append_only import POSTINGS


def allow_emptying() -> None:
    """Drop the triggers against what a test's flush does; tests of the triggers install them again for themselves."""
    for app in ("access", "finance"):
        post_migrate.disconnect(dispatch_uid=f"{app}.append_only", sender=apps.get_app_config(app))
    with connection.cursor() as cursor:
        for table in (*TABLES, POSTINGS):
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
            else:
                cursor.execute(f"DROP TRIGGER {table}_no_delete")


def unprotect() -> None:
    """Drop every trigger, as somebody who owns the database could; undone when the test's transaction ends."""
    names = ("no_truncate", "no_update", "no_delete")
    with connection.cursor() as cursor:
        for table in TABLES:
            for name in names:
                where = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{where}")
