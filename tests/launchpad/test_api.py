"""The home screen as apps get it: whole bodies, and what each app and each caller is sent."""

from datetime import datetime
from itertools import cycle
from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings

from access.services import grant_role
from accounts.models import Membership, User
from core.contributions.cards import Priority
from core.contributions.links import find_link
from core.money import Money
from core.testing.limits import until_refused
from experiments.types import State
from launchpad.flags import LAUNCHPAD_V2
from tests.accounts.actors import SignedInClient, SignIn
from tests.launchpad.conftest import NOON, Contribute, SetFlag, plain

pytestmark = pytest.mark.django_db
MOBILE, PLATFORM = "/mobile/v2/launchpad", "/v1/launchpad"


def types(client: SignedInClient, path: str = MOBILE, **headers: Any) -> list[str]:
    answer = client.get(path, **headers)
    assert answer.status_code == 200, answer.content
    return [card["type"] for card in answer.json()["cards"]]


def test_launchpad__of_one_card__is_told_whole_in_the_case_of_each_surface(
    client: SignedInClient, freelancer: User, contribute: Contribute, settings: Settings
) -> None:
    settings.PUBLIC_BASE_URL = "https://api.gigvora.com"
    later = datetime.fromisoformat("2026-11-20T18:00:00+00:00")
    data = {"starts_at": NOON, "next_amount": Money(12_50, "USD"), "some_ids": [UUID(int=1)], "parts": [{"day_key": 1}]}
    card = plain(title="Review", subtitle="At six", about="7", link="calendar/events/7", data=data, expires_at=later)
    contribute("trial_event", lambda principal: [card])
    workspace = Membership.objects.get(user=freelancer).workspace

    mobile, platform = client.get(MOBILE), client.get(PLATFORM)

    assert mobile.json() == {
        "workspace": {"id": str(workspace.id), "name": "Freelancer", "currency": "USD"},
        "generatedAt": "2026-11-20T12:00:00Z",
        "cards": [
            {
                "id": "trial_event:7",
                "type": "trial_event",
                "title": "Review",
                "subtitle": "At six",
                "priority": 50,
                "deepLink": "https://api.gigvora.com/l/calendar/events/7",
                "data": {
                    "startsAt": "2026-11-20T12:00:00Z",
                    "nextAmount": {"amount": "12.50", "currency": "USD", "minorUnits": 1250, "formatted": "$12.50"},
                    "someIds": ["00000000-0000-0000-0000-000000000001"],
                    "parts": [{"dayKey": 1}],
                },
                "expiresAt": "2026-11-20T18:00:00Z",
            }
        ],
        "flags": {"mobile_launchpad_v2": True, "mobile_wallet_insights_v2": True},
    }
    assert mobile["Cache-Control"] == platform["Cache-Control"] == "private, max-age=30"
    assert (mobile["X-Cache"], mobile["Age"]) == ("miss", "0")
    assert "X-Gigvora-Roles" in mobile["Vary"]
    snake = platform.json()
    assert list(snake) == ["workspace", "generated_at", "cards", "flags"]
    assert list(snake["cards"][0]["data"]) == ["starts_at", "next_amount", "some_ids", "parts"]
    assert snake["cards"][0]["data"]["next_amount"]["minor_units"] == 1250
    assert snake["flags"] == mobile.json()["flags"]


def test_launchpad__of_a_new_freelancer__asks_to_protect_the_account_and_leads_to_known_places(
    client: SignedInClient, freelancer: User, settings: Settings
) -> None:
    freelancer.email_verified_at = None
    freelancer.save()

    cards = client.get(MOBILE).json()["cards"]

    assert [card["type"] for card in cards] == ["verify_email", "protect_account"]
    root = f"{settings.PUBLIC_BASE_URL}/l/"
    assert all(find_link(card["deepLink"].removeprefix(root)) for card in cards)


def test_launchpad__several_cards__come_by_priority_then_id(client: SignedInClient, contribute: Contribute) -> None:
    contribute("standing", lambda _: [plain(priority=Priority.STANDING)])
    contribute(
        "urgent", lambda _: [plain(priority=Priority.URGENT, about="b"), plain(priority=Priority.URGENT, about="a")]
    )
    contribute("also_standing", lambda _: [plain(priority=Priority.STANDING)])

    shown = client.get(MOBILE).json()["cards"]

    assert [card["id"] for card in shown] == ["urgent:a", "urgent:b", "also_standing", "standing"]


def test_launchpad__scope_or_role_missing__leaves_the_card_out(
    client: SignedInClient, sign_in: SignIn, support: User, contribute: Contribute
) -> None:
    contribute("money", scope="finance:view")
    contribute("for_mentors", roles=frozenset({"mentor"}))
    contribute("for_freelancers", roles=frozenset({"mentor", "freelancer"}))
    contribute("for_all")

    assert types(client) == ["for_all", "for_freelancers", "money"]
    assert types(sign_in(support)) == ["for_all"]


def test_launchpad__roles_narrowed__shows_what_those_roles_may_see(
    client: SignedInClient, freelancer: User, contribute: Contribute
) -> None:
    grant_role(actor=None, user_id=freelancer.id, role="mentor", reason="trial")
    contribute("for_mentors", roles=frozenset({"mentor"}))
    contribute("for_freelancers", roles=frozenset({"freelancer"}))
    contribute("teaching", scope="mobile:mentor.manage")

    assert types(client) == ["for_freelancers", "for_mentors"]
    assert types(client, HTTP_X_GIGVORA_ROLES="mentor") == ["for_mentors"]
    assert types(client, HTTP_X_GIGVORA_ROLES="freelancer") == ["for_freelancers"]
    assert client.get(MOBILE, HTTP_X_GIGVORA_ROLES="admin").json()["code"] == "role_not_held"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2024.09.0", ["august", "june", "september"]),
        ("2024.08.2", ["august", "june"]),
        ("2024.07.0", ["june"]),
        ("2024.06.0", ["june"]),
    ],
)
def test_launchpad__older_app__is_not_sent_what_its_train_does_not_know(
    client: SignedInClient, contribute: Contribute, version: str, expected: list[str]
) -> None:
    for month, since in (("june", "2024.06"), ("august", "2024.08"), ("september", "2024.09")):
        contribute(month, since=since)

    assert types(client, HTTP_X_APP_VERSION=version) == expected


def test_launchpad__switched_off__serves_the_cards_of_the_train_before(
    client: SignedInClient, contribute: Contribute, set_flag: SetFlag
) -> None:
    for month, since in (("june", "2024.06"), ("august", "2024.08"), ("september", "2024.09")):
        contribute(month, since=since)
    set_flag(LAUNCHPAD_V2, State.OFF)

    answer = client.get(MOBILE)

    assert [card["type"] for card in answer.json()["cards"]] == ["august", "june"]
    assert answer.json()["flags"]["mobile_launchpad_v2"] is False
    assert types(client, HTTP_X_APP_VERSION="2024.07.0") == ["june"]


def test_launchpad__fields_asked_for__alone_are_sent(client: SignedInClient, contribute: Contribute) -> None:
    contribute("news")

    assert list(client.get(f"{MOBILE}?fields=generatedAt").json()) == ["generatedAt"]
    assert list(client.get(f"{MOBILE}?fields=cards").json()) == ["cards"]
    assert client.get(f"{MOBILE}?fields=nonsense").json()["errors"][0]["code"] == "unknown_field"
    assert client.get(f"{MOBILE}?page=2").status_code == 422


def test_launchpad__a_source_fails__is_reported_and_the_others_stay(
    client: SignedInClient, contribute: Contribute, caplog: Any
) -> None:
    contribute("news")
    contribute("broken", lambda _: 1 / 0)

    assert types(client) == ["news"]
    assert "No cards of the type broken." in caplog.text


def test_launchpad__asked_more_than_120_times_a_minute__is_refused_for_the_user_on_all_devices(
    client: SignedInClient, sign_in: SignIn, freelancer: User, contribute: Contribute, settings: Settings
) -> None:
    settings.RATE_LIMIT_SCALE = 1
    contribute("news")
    devices = ((client, MOBILE), (sign_in(freelancer), PLATFORM))

    answers, refused = until_refused(device.get(path) for device, path in cycle(devices))

    assert 120 <= answers.number <= 120 + answers.seconds * 120 / 60 + 1
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert '"launchpad-user-min";q=120;w=60' in refused["RateLimit-Policy"]


def test_launchpad__nobody_signed_in__is_refused(api: Any) -> None:
    assert api.get(MOBILE).json()["code"] == "unauthenticated"
