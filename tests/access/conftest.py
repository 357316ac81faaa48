"""People and principals for the tests of access."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model

from access import services
from access.types import Principal, version_of
from core.db.ids import uuid7
from core.http.access import Audience

MakePrincipal = Callable[..., Principal]
MakeUser = Callable[..., Any]


@pytest.fixture
def principal() -> MakePrincipal:
    """Builds principals without a database."""

    def make(
        *scopes: str, audience: Audience = Audience.ANDROID, roles: tuple[str, ...] = (), **given: Any
    ) -> Principal:
        return Principal(
            user_id=given.pop("user_id", None) or uuid7(),
            session_id=uuid7(),
            device_id=uuid7(),
            audience=audience,
            roles=frozenset(roles),
            scopes=frozenset(scopes),
            access_version=version_of(roles, scopes),
            **given,
        )

    return make


@pytest.fixture
def make_user(db: None) -> Callable[..., Any]:
    def make(email: str = "", **given: Any) -> Any:
        address = email or f"{uuid7()}@example.com"
        user = get_user_model()(email=address, **given)
        user.set_unusable_password()
        user.save()
        return user

    return make


@pytest.fixture
def user_id(make_user: Callable[..., Any]) -> UUID:
    found: UUID = make_user().pk
    return found


@pytest.fixture
def ada(make_user: MakeUser) -> UUID:
    return admin(make_user("ada@example.com"))


@pytest.fixture
def bert(make_user: MakeUser) -> UUID:
    return admin(make_user("bert@example.com"))


@pytest.fixture
def carl(make_user: MakeUser) -> UUID:
    found: UUID = make_user("carl@example.com").pk
    return found


def admin(user: Any) -> UUID:
    services.grant_role(actor=None, user_id=user.pk, role="admin", reason="trial")
    found: UUID = user.pk
    return found
