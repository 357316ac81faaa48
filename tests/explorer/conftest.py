"""Owners and visitors of the marketplace."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from access.types import Principal
from accounts.models import User
from core.http.access import Audience
from explorer import search, services
from explorer.models import Listing
from explorer.types import Category, TagGiven
from tests.accounts.actors import PrincipalOf, SignedInClient, SignIn

MakeListing = Callable[..., Listing]
PYTHON: TagGiven = {"slug": "python", "label": "Python", "weight": 80}
DJANGO: TagGiven = {"slug": "django", "label": "Django", "weight": 60}


@pytest.fixture(autouse=True)
def no_vocabulary() -> Iterator[None]:
    """Each test has words of its own, and rolls them back without a word to whoever remembers them."""
    search._meant.cache_clear()
    yield
    search._meant.cache_clear()


@pytest.fixture
def owner(buyer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(buyer)


@pytest.fixture
def visitor(freelancer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(freelancer)


@pytest.fixture
def make_listing(owner: Principal) -> MakeListing:
    """Put up a job for a Python developer, as told otherwise."""

    def make(**fields: Any) -> Listing:
        usual: dict[str, Any] = {
            "actor": owner,
            "category": Category.JOB,
            "title": "Python developer",
            "expertise_tags": [PYTHON],
        }
        return services.create_listing(**{**usual, **fields})

    return make


@pytest.fixture
def listing(make_listing: MakeListing) -> Listing:
    return make_listing()


@pytest.fixture
def client(sign_in: SignIn, freelancer: User) -> SignedInClient:
    """The visitor's."""
    return sign_in(freelancer, Audience.ANDROID)


@pytest.fixture
def owners(sign_in: SignIn, buyer: User) -> SignedInClient:
    """The owner's client."""
    return sign_in(buyer, Audience.WEB)
