"""The demo marketplace."""

from time import monotonic

from access.types import Principal
from explorer.demo import read_occupations, seed_listings
from explorer.models import Listing, ListingTag
from explorer.types import Category


def test_seed__twice__writes_once_and_soon(owner: Principal) -> None:
    shares: list[float] = []
    began = monotonic()

    seed_listings([owner.user_id], 1_000, shares.append)
    seed_listings([owner.user_id], 1_000, shares.append)

    assert monotonic() - began < 10
    assert shares == [0.5, 1.0, 0.5, 1.0]
    assert Listing.objects.count() == 1_000
    assert set(Listing.objects.values_list("category", flat=True)) == set(Category)
    assert ListingTag.objects.count() > 1_000


def test_occupations__as_they_are_written__become_titles() -> None:
    titles = {occupation.title: occupation for occupation in read_occupations()}

    assert len(titles) > 500
    assert titles["Electrical engineer"] == ("Electrical engineer", "Engineer", "Electrical")
    assert titles["Actuary"] == ("Actuary", "Actuary", "")
