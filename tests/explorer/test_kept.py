"""Lists of listings that were rendered for somebody else before: nobody sees anything but the truth in them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.types import Principal
from accounts.models import User
from core.db.binary import fetch_rows
from explorer import services
from explorer.types import Kind
from safety.services import block_user
from tests.accounts.actors import SignedInClient, SignIn
from tests.explorer.conftest import MakeListing

LISTINGS = "/v1/explorer/listings"
FIELDS: dict[str, Any] = {"budget_period": "fixed", "location": "Łódź", "latitude": 51.8, "longitude": 19.5}


@pytest.fixture
def another(sign_in: SignIn, other_freelancer: User) -> SignedInClient:
    return sign_in(other_freelancer)


@pytest.fixture
def readers(client: SignedInClient, another: SignedInClient, owners: SignedInClient) -> list[SignedInClient]:
    return [client, another, owners]


def listed(client: SignedInClient, path: str = LISTINGS, **headers: Any) -> list[dict[str, Any]]:
    answer = client.get(path, **headers)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    shown: list[dict[str, Any]] = body["results"] if "results" in body else body["data"]  # as 2024.06 knows it
    return shown


@pytest.mark.parametrize("train", ["2024.06", "2024.07", "2024.08", "2024.09", ""])
@pytest.mark.parametrize("root", [LISTINGS, "/api/explorer/listings"])
def test_list__read_again_and_by_somebody_else__is_what_each_detail_says(
    readers: list[SignedInClient], make_listing: MakeListing, root: str, train: str
) -> None:
    client, another, _ = readers
    headers: dict[str, Any] = {"HTTP_X_APP_VERSION": train} if train else {}
    for title in ("viewer", '\x01"engagement"', "{engagement}"):
        make_listing(title=title, **FIELDS)
    client.put(f"{LISTINGS}/{listed(client)[0]['id']}/like")
    another.post(f"{LISTINGS}/{listed(client)[1]['id']}/apply", {"message": "Hello"}, format="json")

    for reader in readers * 2:
        shown = listed(reader, root, **headers)
        assert len(shown) == 3
        for each in shown:
            assert list(each.items()) == list(reader.get(f"{root}/{each['id']}", **headers).json().items())


def test_list__some_fields_asked_for__are_those_alone(client: SignedInClient, listing: Any) -> None:
    whole = listed(client)[0]

    for fields in ("title,viewer", "title", "id", "engagement,_links", "budget"):
        for _ in range(2):
            expected = {name: whole[name] for name in fields.split(",")}
            assert listed(client, f"{LISTINGS}?fields={fields}") == [expected]
            assert client.get(f"{LISTINGS}/{whole['id']}?fields={fields}").json() == expected
            assert listed(client, f"/v1/feed?fields={fields}") == [expected]


def test_list__for_people_of_other_countries__is_written_for_each(
    client: SignedInClient, another: SignedInClient, other_freelancer: User, owners: SignedInClient
) -> None:
    budget = {"amount": "1250.50", "currency": "EUR"}
    owners.post(LISTINGS, {"category": "job", "title": "Cook", "budget": budget}, format="json")
    other_freelancer.locale = "de-DE"
    other_freelancer.save()

    for _ in range(2):
        assert listed(client)[0]["budget"]["formatted"] == "€1,250.50"
        assert listed(another)[0]["budget"]["formatted"] == "1.250,50\u00a0€"


def test_list__changed__shows_the_change_to_everybody_at_once(
    client: SignedInClient, another: SignedInClient, owner: Principal, make_listing: MakeListing
) -> None:
    first, second = make_listing(title="One"), make_listing(title="Two")
    assert [each["title"] for each in listed(client)] == ["Two", "One"]

    services.update_listing(actor=owner, listing_id=first.id, title="Uno")
    services.close_listing(actor=owner, listing_id=second.id)

    for reader in (client, another):
        assert [(each["title"], each["version"]) for each in listed(reader)] == [("Uno", 2)]


def test_list__engaged_with__counts_for_all_and_is_the_doers_own(
    client: SignedInClient, another: SignedInClient, visitor: Principal, make_listing: MakeListing
) -> None:
    make_listing()
    listing = make_listing()
    assert [listed(each)[0]["viewer"]["liked"] for each in (client, another)] == [False, False]

    services.engage(actor=visitor, listing_id=listing.id, kind=Kind.LIKE)

    assert [listed(each)[0]["viewer"]["liked"] for each in (client, another)] == [True, False]
    assert [listed(each)[0]["engagement"]["likes"] for each in (client, another)] == [1, 1]
    assert [each["engagement"]["likes"] for each in listed(client)] == [1, 0]


@pytest.mark.parametrize(
    "asked", ["", "category=job", "q=developer", "q=developer&category=job", "ordering=updated_at", "near=51.8,19.5"]
)
def test_list__page_by_page_and_however_found__each_stands_as_its_detail_says(
    client: SignedInClient, visitor: Principal, make_listing: MakeListing, asked: str
) -> None:
    listings = [make_listing(**FIELDS) for _ in range(5)]
    for one in listings[::2]:
        services.engage(actor=visitor, listing_id=one.id, kind=Kind.LIKE)
        services.engage(actor=visitor, listing_id=one.id, kind=Kind.VIEW)
    services.engage(actor=visitor, listing_id=listings[1].id, kind=Kind.SAVE)
    details = {str(one.id): client.get(f"{LISTINGS}/{one.id}").json() for one in listings}

    shown, page = [], f"{LISTINGS}?limit=2&{asked}"
    while page:
        answer = client.get(page).json()
        shown += answer["data"]
        page = answer["_links"].get("next", {}).get("href")

    assert [each["id"] for each in shown] == [each["id"] for each in listed(client, f"{LISTINGS}?{asked}")]
    assert {each["id"]: each for each in shown} == details


def test_list__of_somebody_who_blocks_the_reader__is_kept_from_them(
    client: SignedInClient, another: SignedInClient, owner: Principal, visitor: Principal, make_listing: MakeListing
) -> None:
    make_listing()
    assert len(listed(client)) == len(listed(another)) == 1

    block_user(actor=owner, user_id=visitor.user_id)

    assert (len(listed(client)), len(listed(another))) == (0, 1)


def test_list__taken_down_between_finding_and_reading__is_not_shown(
    client: SignedInClient, owner: Principal, make_listing: MakeListing, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_listing(title="Stays")
    goes = make_listing(title="Goes")

    def meanwhile(*arguments: Any) -> Any:
        services.remove_listing(actor_id=owner.user_id, listing_id=goes.id, reason="Fraud.")
        return fetch_rows(*arguments)

    monkeypatch.setattr("explorer.views.kept.fetch_rows", meanwhile)

    assert [each["title"] for each in listed(client)] == ["Stays"]


def test_list__known__is_not_read_again(client: SignedInClient, make_listing: MakeListing) -> None:
    make_listing()
    listed(client, f"{LISTINGS}?fields=title")  # so that it is known who reads
    with CaptureQueriesContext(connection) as before:
        listed(client)
    with CaptureQueriesContext(connection) as after:
        listed(client)

    assert len(before) == len(after) + 1
    assert "description" in str(before.captured_queries)
    assert "description" not in str(after.captured_queries)
