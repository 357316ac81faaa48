"""Migrations that old code can live through: additive, no long locks, one initial migration until the first release."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django_migration_linter import MigrationLinter

from tests.architecture.sources import BASE_DIR, local_apps

INITIAL = "0001_initial"
# Its tables are its own and empty. The rule reads the name of a table wrongly where an index has a condition.
NOT_OF_NEW_TABLES = ["CREATE_INDEX", "CREATE_INDEX_EXCLUSIVE"]


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the linter's rules on locks are PostgreSQL's")
@pytest.mark.parametrize("which", [{"include_name": [INITIAL], "exclude_migration_tests": NOT_OF_NEW_TABLES},
                                   {"ignore_name": [INITIAL]}], ids=["initial", "later"])  # fmt: skip
def test_migrations__all__are_safe_under_traffic(which: dict[str, Any]) -> None:
    linter = MigrationLinter(
        str(BASE_DIR),
        include_apps=[app for app in local_apps() if apps.get_app_config(app).models_module],
        no_cache=True,
        all_warnings_as_errors=True,
        database="default",
        quiet=["ok", "ignore"],
        **which,
    )
    linter.lint_all_migrations()

    assert linter.nb_total > 0 or "ignore_name" in which
    assert linter.nb_erroneous == 0
    assert not linter.has_errors


def test_migrations__before_the_first_release__are_one_for_each_app() -> None:
    assert [
        str(path.relative_to(BASE_DIR))
        for app in local_apps()
        for path in (BASE_DIR / app / "migrations").glob("0*.py")
        if not path.name.startswith("0001_")
    ] == []
