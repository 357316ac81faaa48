"""What the marketplace shows on the home screen."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from access.types import Principal
from core.contributions.cards import Card, Priority, card
from core.contributions.scopes import Persona
from explorer.managers import ListingQuerySet
from explorer.models import Application, Engagement
from explorer.scopes import FEED, READ
from explorer.selectors import list_applications, list_open, list_visible
from explorer.types import ApplicationStatus, Category, Kind

SHOWN = 3  # rows on one card
JUDGED = 50  # of the newest listings
OFFERS = 20  # listings in which freelancers say what they can do
FRESH = timedelta(days=30)
WORK = (Category.JOB, Category.GIG, Category.PROJECT)

_RECEIVED = ("id", "listing_id", "applicant_id", "created_at")
_NAMES = {"listing_title": F("listing__title"), "applicant_name": F("applicant__full_name")}
_COLUMNS = ("id", "title", "category", "organization", "location", "is_remote", "published_at", "expertise_tags")


@card("explorer_applications", "Applications to one's listings that nobody has looked at.", scope=READ, since="2024.09")
def applications(principal: Principal) -> Iterable[Card]:
    received = list_applications(principal).filter(listing__owner_id=principal.user_id)
    waiting = received.filter(status=ApplicationStatus.SUBMITTED)
    shown = list(waiting.order_by("-id").values(*_RECEIVED, **_NAMES)[:SHOWN])
    if shown:
        total, newest = waiting.count(), shown[0]
        yield Card(
            title="1 new application" if total == 1 else f"{total} new applications",
            subtitle=f"{newest['applicant_name']}: {newest['listing_title']}",
            priority=Priority.TODAY,
            link=f"explorer/applications/{newest['id']}" if total == 1 else "explorer/applications",
            data={"total": total, "applications": shown},
        )


@card(
    "explorer_suggestions",
    "New work for freelancers: what matches their own listings first, then what is newest.",
    scope=FEED,
    roles=frozenset({Persona.FREELANCER}),
    since="2024.09",
)
def suggestions(principal: Principal) -> Iterable[Card]:
    newest = list(_new_work(principal).values(*_COLUMNS)[:JUDGED])
    offered = _offered_by(principal) if newest else frozenset()
    # Sorting keeps the newest first among those that match, and among the others.
    chosen = sorted((_suggested(row, offered) for row in newest), key=lambda each: not each["matching"])[:SHOWN]
    if chosen:
        yield Card(
            title="Work that matches yours" if chosen[0]["matching"] else "New work",
            subtitle=", ".join(each["title"] for each in chosen[:2]),
            priority=Priority.HINT,
            link=f"explorer/listings/{chosen[0]['id']}" if len(chosen) == 1 else "explorer",
            data={"listings": chosen},
        )


def _new_work(principal: Principal) -> ListingQuerySet:
    """What is open and new, the newest first: nothing of the viewer's, or that they passed or applied to."""
    mine = {"listing_id": OuterRef("pk")}
    passed = Engagement.objects.filter(user_id=principal.user_id, kind=Kind.PASS, **mine)
    applied = Application.objects.filter(applicant_id=principal.user_id, **mine)
    fresh = list_open(principal).filter(category__in=WORK, published_at__gt=timezone.now() - FRESH)
    others = fresh.exclude(owner_id=principal.user_id).filter(~Exists(passed), ~Exists(applied))
    return others.order_by("-published_at", "-id")


def _offered_by(principal: Principal) -> frozenset[str]:
    """The tags of what somebody offers as a freelancer."""
    offers = list_visible(principal).open().owned_by(principal).filter(category=Category.FREELANCER)
    tags = offers.order_by("-published_at", "-id").values_list("expertise_tags", flat=True)[:OFFERS]
    return frozenset(tag["slug"] for each in tags for tag in each)


def _suggested(row: Mapping[str, Any], offered: frozenset[str]) -> dict[str, Any]:
    matching = [tag["label"] for tag in row["expertise_tags"] if tag["slug"] in offered]
    return {name: row[name] for name in _COLUMNS if name != "expertise_tags"} | {"matching": matching}
