"""Which cards which role gets: the matrix of all that apps declare, and some of them through the whole house."""

from typing import Any

import pytest
from pytest_django import Settings

from access.models import Role
from access.services import change_role, revoke_role
from access.types import Principal
from accounts.models import User
from core.contributions.cards import card_sources
from core.contributions.links import find_link
from core.contributions.scopes import Persona
from core.http.access import Audience
from explorer import services as explorer
from explorer.models import Listing
from explorer.types import Category
from launchpad.held import CARD_SECONDS
from launchpad.selectors import viewer_of
from mentors import services as mentors
from mentors.models import MentorSession
from safety import services as safety
from safety.types import ReportReason
from tests.accounts.actors import MakeUser, PrincipalOf, SignedInClient, SignIn
from tests.launchpad.test_api import MOBILE, types
from tests.mentors.conftest import TUESDAY_TEN, make_mentor

pytestmark = pytest.mark.django_db

# Cards for what a role is there for. All others go by scope alone.
MATRIX: dict[Persona, set[str]] = {
    Persona.FREELANCER: {"explorer_suggestions"},
    Persona.CLIENT: set(),
    Persona.MENTOR: {"mentor_requests"},
    Persona.AGENCY: set(),
    Persona.SUPPORT: {"reports_waiting"},
    Persona.SUPPORT_LEAD: {"reports_waiting"},
    Persona.MARKETING: set(),
    Persona.FINANCE_OPS: set(),
    Persona.ADMIN: set(),
}
FOR_ALL = {"explorer_applications", "mentor_next_session"}


@pytest.fixture
def guide(mentor: User, sign_in: SignIn) -> SignedInClient:
    """A mentor's phone."""
    make_mentor(mentor)
    return sign_in(mentor, Audience.IOS)


@pytest.fixture
def asked(guide: SignedInClient, buyer: User, principal_of: PrincipalOf) -> MentorSession:
    """What a client asks of the mentor."""
    return mentors.book_session(
        actor=principal_of(buyer), mentor_id=guide.principal.user_id, starts_at=TUESDAY_TEN, duration_minutes=60,
        topic="Pricing", timezone="UTC",
    )  # fmt: skip


@pytest.fixture
def handler(support: User, sign_in: SignIn) -> SignedInClient:
    """The phone of support."""
    return sign_in(support, Audience.IOS)


@pytest.fixture
def reported(client: SignedInClient, job: Listing) -> None:
    """The freelancer reports the job."""
    safety.file_report(actor=client.principal, subject_type="listing", subject_id=job.id, reason=ReportReason.FRAUD)


@pytest.fixture
def job(buyer: User, principal_of: PrincipalOf) -> Listing:
    return explorer.create_listing(actor=principal_of(buyer), category=Category.JOB, title="Python developer")


def offered(principal: Principal, train: str = "2024.09") -> set[str]:
    return {source.type for source in viewer_of(principal, train=train).sources}


@pytest.mark.parametrize("audience", [Audience.IOS, Audience.WEB])
@pytest.mark.parametrize("persona", Persona)
def test_matrix__of_each_role__is_what_the_role_is_there_for(
    make_user: MakeUser, principal_of: PrincipalOf, persona: Persona, audience: Audience
) -> None:
    by_role = {source.type for source in card_sources() if source.roles}
    principal = principal_of(make_user(persona=persona), audience)

    assert offered(principal) & by_role == MATRIX[persona]
    assert offered(principal) >= FOR_ALL
    assert not offered(principal, "2024.08") & (by_role | FOR_ALL), "apps of before know none of these"


def test_mentor__asked_for_a_session__is_told_until_they_answer(
    guide: SignedInClient, buyer: User, sign_in: SignIn, asked: MentorSession, clock: Any
) -> None:
    client = sign_in(buyer, Audience.ANDROID)
    own = {"mentor_requests", "mentor_next_session"}
    assert (own & {*types(guide)}, own & {*types(client)}) == ({"mentor_requests"}, set())

    mentors.approve_session(actor=guide.principal, mentor_id=asked.mentor_id, session_id=asked.id)
    clock.shift(CARD_SECONDS)
    assert (own & {*types(guide)}, own & {*types(client)}) == ({"mentor_next_session"}, {"mentor_next_session"})


def test_mentor__no_more__sees_no_requests_at_once(
    guide: SignedInClient, asked: MentorSession, django_capture_on_commit_callbacks: Any
) -> None:
    assert "mentor_requests" in types(guide)
    with django_capture_on_commit_callbacks(execute=True):
        revoke_role(actor=None, user_id=asked.mentor_id, role="mentor", reason="trial")
    assert "mentor_requests" not in types(guide)


def test_owner__of_a_listing_applied_to__is_told_and_the_freelancer_is_shown_it_no_more(
    client: SignedInClient, buyer: User, sign_in: SignIn, job: Listing, clock: Any
) -> None:
    owner = sign_in(buyer)
    own = {"explorer_applications", "explorer_suggestions"}
    assert (own & {*types(owner)}, own & {*types(client)}) == (set(), {"explorer_suggestions"})

    explorer.apply(actor=client.principal, listing_id=job.id)
    clock.shift(CARD_SECONDS)
    assert (own & {*types(owner)}, own & {*types(client)}) == ({"explorer_applications"}, set())


@pytest.mark.usefixtures("reported")
def test_support__reports_waiting__are_told_in_the_app_to_none_but_who_handles_them(
    client: SignedInClient, handler: SignedInClient, support_lead: User, sign_in: SignIn, clock: Any
) -> None:
    lead = sign_in(support_lead, Audience.IOS)
    assert ["reports_waiting" in types(each) for each in (handler, lead, client)] == [True, True, False]

    change_role(actor=None, role=Role.objects.get(name="support"), permissions=[])
    clock.shift(CARD_SECONDS)
    assert ["reports_waiting" in types(each) for each in (handler, lead)] == [False, True]


@pytest.mark.usefixtures("asked", "reported")
def test_cards__of_all_apps__lead_to_places_that_are_declared(
    guide: SignedInClient, client: SignedInClient, handler: SignedInClient, settings: Settings
) -> None:
    root = f"{settings.PUBLIC_BASE_URL}/l/"
    found = {
        card["type"]: card["deepLink"].removeprefix(root)
        for each in (guide, client, handler)
        for card in each.get(MOBILE).json()["cards"]
    }

    assert {"mentor_requests", "explorer_suggestions", "reports_waiting"} <= found.keys()
    assert all(find_link(link) for link in found.values())
