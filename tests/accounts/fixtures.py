"""The people of the platform, and how to act as them; loaded by the root `conftest.py` for every app's tests."""

from collections.abc import Iterator

import pytest
from rest_framework.test import APIClient

from access import decisions
from access.types import Principal
from accounts.models import User
from core import context
from core.contributions.scopes import Persona
from core.http.access import Audience
from tests.accounts import actors
from tests.accounts.actors import MakeUser, PrincipalOf, SignedInClient, SignIn


@pytest.fixture(autouse=True)
def _nothing_from_before() -> Iterator[None]:
    """No test sees what another has bound to its context, or which refusals it has counted."""
    decisions.forget_recent()
    with context.scope(context.Context()):
        yield
    decisions.forget_recent()


@pytest.fixture
def api() -> APIClient:
    """A client that is not signed in."""
    return APIClient()


@pytest.fixture
def make_user(db: None) -> MakeUser:
    """`make_user(persona=…, **fields)`: a stored person with a first role."""
    return actors.make_user


@pytest.fixture
def freelancer(db: None) -> User:
    return actors.make_user(persona=Persona.FREELANCER)


@pytest.fixture
def other_freelancer(db: None) -> User:
    return actors.make_user(persona=Persona.FREELANCER)


@pytest.fixture
def buyer(db: None) -> User:
    """Somebody with the persona `client`, a name that pytest-django has taken."""
    return actors.make_user(persona=Persona.CLIENT)


@pytest.fixture
def mentor(db: None) -> User:
    return actors.make_user(persona=Persona.MENTOR)


@pytest.fixture
def agency(db: None) -> User:
    return actors.make_user(persona=Persona.AGENCY)


@pytest.fixture
def support(db: None) -> User:
    return actors.make_user(persona=Persona.SUPPORT, is_staff=True)


@pytest.fixture
def support_lead(db: None) -> User:
    return actors.make_user(persona=Persona.SUPPORT_LEAD, is_staff=True)


@pytest.fixture
def marketer(db: None) -> User:
    return actors.make_user(persona=Persona.MARKETING, is_staff=True)


@pytest.fixture
def finance_officer(db: None) -> User:
    return actors.make_user(persona=Persona.FINANCE_OPS, is_staff=True)


@pytest.fixture
def staff(db: None) -> User:
    """A superuser with the persona `admin`."""
    return actors.make_user(persona=Persona.ADMIN, is_staff=True, is_superuser=True)


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """`sign_in(user, Audience.IOS, fingerprint="…")`: a client with the bearer token of a real session."""

    def client_of(user: User, audience: Audience = Audience.WEB, **device: str) -> SignedInClient:
        return SignedInClient(actors.sign_in(user, audience, **device))

    return client_of


@pytest.fixture
def principal_of(db: None) -> PrincipalOf:
    """`principal_of(user, Audience.IOS)`: the principal behind a fresh session of that user."""

    def principal(user: User, audience: Audience = Audience.WEB) -> Principal:
        return actors.principal_behind(actors.sign_in(user, audience))

    return principal
