"""A believable marketplace, for development only: listings for real occupations in real cities.

`data/occupations.txt` and `data/cities.txt` say where they come from. Occupations are written as careers services
write them, `Engineer, electrical`: a field and what of it, which become two tags.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.selectors import find_by_email
from core.contributions.demo import Progress, demo_data
from explorer import search
from explorer.models import Listing, ListingTag, Tag
from explorer.types import BudgetPeriod, Category, EmploymentType

LISTINGS = 3_000
PEOPLE = ("client", "freelancer", "mentor")
_BATCH = 500
_DATA = Path(__file__).parent / "data"
_NAMESPACE = UUID("3f0c6f0e-6a0b-4c6f-9a52-5d2a6f1f7b10")

# category -> how its listings are titled, what they say, employment, period, usual budget in minor units
_KINDS: dict[Category, tuple[str, str, EmploymentType, BudgetPeriod, int]] = {
    Category.JOB: (
        "{}", "We look for a colleague for the long run.",
        EmploymentType.FULL_TIME, BudgetPeriod.YEAR, 4_800_000,
    ),
    Category.GIG: (
        "{} for a week", "A small task that should be done soon.",
        EmploymentType.FREELANCE, BudgetPeriod.FIXED, 90_000,
    ),
    Category.PROJECT: (
        "{} wanted for a project", "A project with a clear end.",
        EmploymentType.CONTRACT, BudgetPeriod.DAY, 42_000,
    ),
    Category.LAUNCHPAD: (
        "Start as {}", "A first step with people who help.",
        EmploymentType.INTERNSHIP, BudgetPeriod.MONTH, 120_000,
    ),
    Category.VOLUNTEERING: (
        "Volunteer: {}", "Unpaid, and good for many.",
        EmploymentType.VOLUNTEER, BudgetPeriod.FIXED, 0,
    ),
    Category.MENTOR: (
        "Mentoring by: {}", "An hour in which to ask anything.",
        EmploymentType.PART_TIME, BudgetPeriod.HOUR, 8_000,
    ),
    Category.FREELANCER: (
        "{} for hire", "Years of practice, free from next month.",
        EmploymentType.FREELANCE, BudgetPeriod.HOUR, 6_500,
    ),
}  # fmt: skip
_ORGANIZATIONS = (
    "Nordlicht",
    "Brandt & Söhne",
    "Atelier Vega",
    "Lumen",
    "Harbour Works",
    "Kite & Co",
    "Oak Street",
    "",
)


class Occupation(NamedTuple):
    """`Engineer, electrical` is titled `Electrical engineer`; its field is `Engineer`, its special `Electrical`."""

    title: str
    field: str
    special: str


class City(NamedTuple):
    name: str
    latitude: float
    longitude: float
    currency: str


@demo_data("listings", order=40)
def seed_demo_listings(progress: Progress) -> None:
    owners = [person.pk for mailbox in PEOPLE if (person := find_by_email(f"{mailbox}@demo.gigvora.com"))]
    seed_listings(owners, LISTINGS, progress)


def seed_listings(owner_ids: Sequence[UUID], count: int, progress: Progress) -> None:
    """Put up `count` listings; those that are there already stay as they are."""
    drafts = _listings(owner_ids, count)
    done = 0
    while batch := list(islice(drafts, _BATCH)):
        known = set(Listing.objects.filter(id__in=[listing.id for listing in batch]).values_list("id", flat=True))
        if missing := [listing for listing in batch if listing.id not in known]:
            _write(missing)
        done += len(batch)
        progress(done / count)


@transaction.atomic
def _write(listings: list[Listing]) -> None:
    tags = [(listing, tag) for listing in listings for tag in listing.expertise_tags]
    labels = {tag["slug"]: tag["label"] for _, tag in tags}
    Tag.objects.bulk_create([Tag(slug=slug, label=labels[slug]) for slug in sorted(labels)], ignore_conflicts=True)
    Listing.objects.bulk_create(listings)
    ListingTag.objects.bulk_create(
        [ListingTag(listing=listing, tag_id=tag["slug"], weight=tag["weight"]) for listing, tag in tags]
    )
    search.learn(listings)


def _listings(owner_ids: Sequence[UUID], count: int) -> Iterator[Listing]:
    """The same listings for the same owners, whenever asked, but for when they were published."""
    chance = Random(8)  # noqa: S311  demo data, not secrets
    occupations, cities, now = read_occupations(), _read_cities(), timezone.now()
    for number in range(count):
        category = chance.choice(list(Category))
        occupation, city = occupations[number % len(occupations)], chance.choice(cities)
        phrase, says, employment, period, usual = _KINDS[category]
        listing = Listing(
            id=uuid5(_NAMESPACE, f"{owner_ids[number % len(owner_ids)]}:{number}"),
            owner_id=owner_ids[number % len(owner_ids)],
            category=category,
            title=phrase.format(occupation.title),
            description=f"{says} {occupation.title} in {city.name}.",
            organization=chance.choice(_ORGANIZATIONS),
            location=city.name,
            latitude=city.latitude,
            longitude=city.longitude,
            is_remote=chance.random() < 0.3,
            employment_type=employment,
            budget_period=period if usual else "",
            duration=chance.choice(("1 week", "3 months", "6 months", "")),
            published_at=now - timedelta(minutes=chance.randrange(60 * 24 * 60)),
            **_budget(usual, city.currency, chance),
            **_tags(occupation),
        )
        yield listing


def _budget(usual: int, currency: str, chance: Random) -> dict[str, Any]:
    return {"budget_minor": usual * chance.randint(80, 140) // 100, "currency": currency} if usual else {}


def _tags(occupation: Occupation) -> dict[str, Any]:
    named = {
        slugify(label): (label, weight) for label, weight in ((occupation.field, 60), (occupation.special, 90)) if label
    }
    tags = [{"slug": slug, "label": label, "weight": weight} for slug, (label, weight) in named.items()]
    tags.sort(key=lambda tag: (-tag["weight"], tag["slug"]))  # type: ignore[operator]
    return {"expertise_tags": tags, "tag_words": " ".join(str(tag["label"]) for tag in tags)}


def read_occupations() -> list[Occupation]:
    """Each occupation once; some stand there as `Electrical engineer` too."""
    inverted_last = sorted(map(_occupation, _lines("occupations.txt")), key=lambda occupation: bool(occupation.special))
    return list({occupation.title: occupation for occupation in inverted_last}.values())


def _occupation(line: str) -> Occupation:
    field, _, special = line.partition(", ")
    title = f"{special[:1].upper()}{special[1:]} {field.lower()}" if special else field
    return Occupation(title, field[:60], (special[:1].upper() + special[1:])[:60])


def _read_cities() -> list[City]:
    rows = (line.split("\t") for line in _lines("cities.txt"))
    return [City(name, float(latitude), float(longitude), currency) for name, latitude, longitude, currency in rows]


def _lines(name: str) -> list[str]:
    return [line for line in (_DATA / name).read_text().splitlines() if line and not line.startswith("#")]
