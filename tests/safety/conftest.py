"""Two people, something of each, and staff who decide."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from access.types import Principal
from accounts.models import User
from core.contributions.scopes import Persona
from core.http import gcra
from core.http.access import Audience
from explorer import services as explorer
from explorer.models import Listing
from explorer.types import Category
from safety import services
from safety.models import Report
from safety.types import ReportReason
from tests.accounts import actors
from tests.accounts.actors import PrincipalOf, SignedInClient, SignIn
from tests.mentors.conftest import NOON

FileReport = Callable[..., Report]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still, so that mentors have hours; what was counted and kept before is forgotten."""
    cache.clear()
    gcra.memory.clear()
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller
    cache.clear()


@pytest.fixture
def owner(buyer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(buyer)


@pytest.fixture
def visitor(freelancer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(freelancer)


@pytest.fixture
def listing(owner: Principal) -> Listing:
    return explorer.create_listing(actor=owner, category=Category.JOB, title="Python developer")


@pytest.fixture
def client(sign_in: SignIn, freelancer: User) -> SignedInClient:
    """The visitor's."""
    return sign_in(freelancer, Audience.ANDROID)


@pytest.fixture
def owners(sign_in: SignIn, buyer: User) -> SignedInClient:
    """The owner's."""
    return sign_in(buyer, Audience.WEB)


@pytest.fixture
def file(listing: Listing, visitor: Principal) -> FileReport:
    """The visitor reports the listing, unless told otherwise."""

    def filed(**given: Any) -> Report:
        usual: dict[str, Any] = {
            "actor": visitor, "subject_type": "listing", "subject_id": listing.id, "reason": ReportReason.FRAUD,
        }  # fmt: skip
        return services.file_report(**{**usual, **given})[0]

    return filed


def somebody() -> Principal:
    return actors.principal_behind(actors.sign_in(actors.make_user(persona=Persona.FREELANCER)))
