"""What the marketplace shows on the home screen."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from access.types import Principal
from accounts.models import User
from core.contributions.cards import Card, Priority
from explorer import cards, services
from explorer.models import Application, Listing
from explorer.types import ApplicationStatus, Category, Direction
from safety.services import block_user
from tests.accounts.actors import MakeUser, PrincipalOf
from tests.explorer.conftest import DJANGO, PYTHON, MakeListing

pytestmark = pytest.mark.django_db


@pytest.fixture
def bystander(other_freelancer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(other_freelancer)


def suggested(viewer: Principal) -> list[str]:
    return [each["title"] for card in cards.suggestions(viewer) for each in card.data["listings"]]


def test_applications__one__is_told_to_the_owner_alone(
    owner: Principal, visitor: Principal, bystander: Principal, listing: Listing
) -> None:
    assert list(cards.applications(owner)) == []
    application = services.apply(actor=visitor, listing_id=listing.id)

    assert list(cards.applications(owner)) == [
        Card(
            title="1 new application",
            subtitle="Freelancer: Python developer",
            priority=Priority.TODAY,
            link=f"explorer/applications/{application.id}",
            data={
                "total": 1,
                "applications": [
                    {
                        "id": application.id,
                        "listing_id": listing.id,
                        "listing_title": "Python developer",
                        "applicant_id": visitor.user_id,
                        "applicant_name": "Freelancer",
                        "created_at": application.created_at,
                    }
                ],
            },
        )
    ]
    assert [*cards.applications(visitor), *cards.applications(bystander)] == []


@pytest.mark.parametrize("status", [ApplicationStatus.SHORTLISTED, ApplicationStatus.DECLINED])
def test_applications__looked_at_or_withdrawn__are_gone(
    owner: Principal, visitor: Principal, bystander: Principal, listing: Listing, status: ApplicationStatus
) -> None:
    seen, withdrawn = (services.apply(actor=each, listing_id=listing.id) for each in (visitor, bystander))
    assert [(card.title, card.link) for card in cards.applications(owner)] == [
        ("2 new applications", "explorer/applications")
    ]

    services.decide_application(actor=owner, application_id=seen.id, status=status)
    services.withdraw_application(actor=bystander, application_id=withdrawn.id)
    assert list(cards.applications(owner)) == []


def test_suggestions__nothing_offered__are_the_newest_work_of_others(
    owner: Principal, visitor: Principal, make_listing: MakeListing
) -> None:
    assert list(cards.suggestions(visitor)) == []
    listing = make_listing(organization="Acme", location="Leeds", is_remote=True)

    assert list(cards.suggestions(visitor)) == [
        Card(
            title="New work",
            subtitle="Python developer",
            priority=Priority.HINT,
            link=f"explorer/listings/{listing.id}",
            data={
                "listings": [
                    {
                        "id": listing.id,
                        "title": "Python developer",
                        "category": "job",
                        "organization": "Acme",
                        "location": "Leeds",
                        "is_remote": True,
                        "published_at": listing.published_at,
                        "matching": [],
                    }
                ]
            },
        )
    ]
    assert list(cards.suggestions(owner)) == [], "one's own are no news"


def test_suggestions__something_offered__put_what_matches_first(visitor: Principal, make_listing: MakeListing) -> None:
    make_listing(title="Old match")
    make_listing(title="New match", expertise_tags=[DJANGO, PYTHON])
    for number in range(3):
        make_listing(title=f"Other {number}", expertise_tags=[DJANGO])
    assert suggested(visitor) == ["Other 2", "Other 1", "Other 0"]

    offer = make_listing(actor=visitor, category=Category.FREELANCER, title="Pythonista")
    [card] = cards.suggestions(visitor)
    assert (card.title, card.subtitle, card.link) == ("Work that matches yours", "New match, Old match", "explorer")
    assert [each["matching"] for each in card.data["listings"]] == [["Python"], ["Python"], []]

    services.close_listing(actor=visitor, listing_id=offer.id)
    assert suggested(visitor) == ["Other 2", "Other 1", "Other 0"]


def test_suggestions__closed_old_or_no_work__are_left_out(
    owner: Principal, visitor: Principal, make_listing: MakeListing
) -> None:
    services.close_listing(actor=owner, listing_id=make_listing(title="Closed").id)
    old = make_listing(title="Old")
    Listing.objects.filter(id=old.id).update(published_at=timezone.now() - timedelta(days=31))
    make_listing(title="Somebody else for hire", category=Category.FREELANCER)

    assert suggested(visitor) == []


def test_suggestions__applied_to_passed_or_blocked__are_gone(
    visitor: Principal, bystander: Principal, make_listing: MakeListing
) -> None:
    applied, passed = make_listing(title="Applied"), make_listing(title="Passed")
    make_listing(title="Of a stranger", actor=bystander)
    make_listing(title="Left")
    assert len(suggested(visitor)) == cards.SHOWN

    services.apply(actor=visitor, listing_id=applied.id)
    services.swipe(actor=visitor, listing_id=passed.id, direction=Direction.LEFT)
    block_user(actor=visitor, user_id=bystander.user_id)
    assert suggested(visitor) == ["Left"]


def test_cards__of_fifty_rows__cost_the_same_queries(
    owner: Principal,
    visitor: Principal,
    make_listing: MakeListing,
    make_user: MakeUser,
    django_assert_num_queries: Any,
) -> None:
    listings = [make_listing(title=f"Job {number}") for number in range(50)]
    applicant = make_user()
    Application.objects.bulk_create(Application(listing=each, applicant=applicant) for each in listings)

    with django_assert_num_queries(2):
        [received] = cards.applications(owner)
    assert (received.data["total"], len(received.data["applications"])) == (50, cards.SHOWN)
    with django_assert_num_queries(2):
        assert suggested(visitor) == ["Job 49", "Job 48", "Job 47"]
