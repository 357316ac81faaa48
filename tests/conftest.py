"""Fixtures that every app's tests share. The environment is set before Django reads it."""

import pytest
from pytest_django import DjangoDbBlocker

from tests import environment

environment.prepare()

pytest_plugins = ["core.testing.jobs", "tests.accounts.fixtures"]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name long values by their length: a test's name is for people."""
    return f"{argname} of {len(val)}" if isinstance(val, str | bytes) and len(val) > 80 else None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Make the test database one that transactional tests may empty."""
    from tests import emptying  # noqa: PLC0415  Django must be set up
    from tests.access import trail  # noqa: PLC0415

    with django_db_blocker.unblock():
        trail.allow_emptying()
        emptying.delete_instead_of_truncating()
