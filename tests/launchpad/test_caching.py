"""What is remembered of a home screen: for how long, for whom, and what makes an end of it at once."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from access.services import grant_role, revoke_role
from access.types import Principal
from accounts.models import User
from core.contributions.cards import Card
from experiments.types import State
from launchpad.flags import LAUNCHPAD_V2
from launchpad.held import ANSWER_SECONDS, CARD_SECONDS
from launchpad.metrics import ANSWERS
from tests.accounts.actors import SignedInClient, SignIn
from tests.launchpad.conftest import NOON, Contribute, SetFlag, plain
from tests.launchpad.test_api import MOBILE, PLATFORM, types

pytestmark = pytest.mark.django_db
Clock = time_machine.Traveller


class Counter:
    """A source that tells how often it was asked, and by whom."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, principal: Principal) -> Iterable[Card]:
        self.asked.append(str(principal.user_id))
        yield plain(title=f"{len(self.asked)} for {principal.user_id}")


@pytest.fixture
def source() -> Counter:
    return Counter()


def titles(client: SignedInClient, **headers: Any) -> list[str]:
    return [card["title"] for card in client.get(MOBILE, **headers).json()["cards"]]


def test_launchpad__hit__costs_no_query_and_is_the_same_body(
    client: SignedInClient, django_assert_num_queries: Any
) -> None:
    missed = client.get(MOBILE)
    with django_assert_num_queries(0):
        hit = client.get(MOBILE)

    assert (missed["X-Cache"], hit["X-Cache"]) == ("miss", "hit")
    assert hit.content == missed.content
    assert hit["ETag"] == missed["ETag"]
    assert client.get(MOBILE, HTTP_IF_NONE_MATCH=hit["ETag"]).status_code == 304


def test_launchpad__hit__says_how_old_it_is_so_that_nobody_keeps_it_longer_than_told(
    client: SignedInClient, clock: Clock
) -> None:
    client.get(MOBILE)
    clock.shift(20)
    hit = client.get(MOBILE)

    assert (hit["X-Cache"], hit["Age"], hit["Cache-Control"]) == ("hit", "20", "private, max-age=30")
    unchanged = client.get(MOBILE, HTTP_IF_NONE_MATCH=hit["ETag"])
    assert (unchanged.status_code, unchanged["X-Cache"], unchanged["Age"]) == (304, "hit", "20")


def test_launchpad__answers_for_thirty_seconds_and_cards_for_forty_five(
    client: SignedInClient, contribute: Contribute, source: Counter, clock: Clock
) -> None:
    contribute("news", source)
    seen = []
    for second in (0, ANSWER_SECONDS - 1, ANSWER_SECONDS, CARD_SECONDS - 1, CARD_SECONDS):
        clock.move_to(NOON + timedelta(seconds=second))
        answer = client.get(MOBILE)
        seen.append((second, answer["X-Cache"], answer.json()["cards"][0]["title"].partition(" ")[0]))

    assert seen == [(0, "miss", "1"), (29, "hit", "1"), (30, "miss", "1"), (44, "hit", "1"), (45, "miss", "2")]


def test_launchpad__card_expires__is_gone_from_that_moment_on(
    client: SignedInClient, contribute: Contribute, clock: Clock
) -> None:
    soon = NOON + timedelta(seconds=10)
    contribute("soon", lambda _: [plain(expires_at=soon)])
    contribute("news")
    seen = []
    for second in (0, 9, 10, 30):
        clock.move_to(NOON + timedelta(seconds=second))
        seen.append(types(client))

    assert seen == [["news", "soon"], ["news", "soon"], ["news"], ["news"]]


def test_launchpad__two_colleagues__share_what_is_the_workspaces_and_never_what_is_theirs(
    client: SignedInClient, colleague: SignedInClient, contribute: Contribute
) -> None:
    personal, shared = Counter(), Counter()
    contribute("mine", personal)
    contribute("ours", shared, is_personal=False)
    me, other = client.principal, colleague.principal
    assert (me.workspace_id, me.access_version) == (other.workspace_id, other.access_version)

    for _ in range(2):
        assert titles(client) == [f"1 for {me.user_id}", f"1 for {me.user_id}"]
        assert titles(colleague) == [f"2 for {other.user_id}", f"1 for {me.user_id}"]
    assert personal.asked == [str(me.user_id), str(other.user_id)]
    assert shared.asked == [str(me.user_id)]


def test_launchpad__nothing_personal_on_it__is_one_answer_for_the_workspace(
    client: SignedInClient, colleague: SignedInClient, contribute: Contribute, other_freelancer: User, sign_in: SignIn
) -> None:
    contribute("ours", is_personal=False)

    answers = [each.get(MOBILE) for each in (client, colleague, sign_in(other_freelancer))]

    assert [answer["X-Cache"] for answer in answers] == ["miss", "hit", "miss"]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["workspace"] != answers[2].json()["workspace"]
    assert answers[0]["ETag"] != answers[1]["ETag"], "a tag is nobody else's"


def test_launchpad__role_lost__takes_its_cards_along_at_once(
    client: SignedInClient, freelancer: User, contribute: Contribute, django_capture_on_commit_callbacks: Any
) -> None:
    contribute("for_mentors", roles=frozenset({"mentor"}))
    contribute("money", scope="finance:view")
    with django_capture_on_commit_callbacks(execute=True):
        grant_role(actor=None, user_id=freelancer.id, role="mentor", reason="trial")
    assert types(client) == ["for_mentors", "money"]

    with django_capture_on_commit_callbacks(execute=True):
        revoke_role(actor=None, user_id=freelancer.id, role="mentor", reason="trial")
    assert types(client) == ["money"]
    with django_capture_on_commit_callbacks(execute=True):
        revoke_role(actor=None, user_id=freelancer.id, role="freelancer", reason="trial")
    assert types(client) == []


def test_launchpad__role_lost__data_made_under_it_is_not_shown_again(
    client: SignedInClient,
    freelancer: User,
    contribute: Contribute,
    source: Counter,
    django_capture_on_commit_callbacks: Any,
) -> None:
    contribute("news", source)
    with django_capture_on_commit_callbacks(execute=True):
        grant_role(actor=None, user_id=freelancer.id, role="mentor", reason="trial")
    first = titles(client)
    with django_capture_on_commit_callbacks(execute=True):
        revoke_role(actor=None, user_id=freelancer.id, role="mentor", reason="trial")

    assert first != titles(client)


def test_launchpad__flag_flipped__no_answer_from_before_is_shown(
    client: SignedInClient, contribute: Contribute, set_flag: SetFlag
) -> None:
    contribute("new", since="2024.09")
    contribute("old")
    seen = [types(client), types(client)]
    set_flag(LAUNCHPAD_V2, State.OFF)
    seen += [types(client), types(client)]
    set_flag(LAUNCHPAD_V2, State.ON)
    seen += [types(client)]

    assert seen == [["new", "old"], ["new", "old"], ["old"], ["old"], ["new", "old"]]


@pytest.mark.parametrize(
    "other",
    [
        {"path": PLATFORM},
        {"path": f"{MOBILE}?fields=cards"},
        {"path": MOBILE, "HTTP_X_APP_VERSION": "2024.08.0"},
        {"path": MOBILE, "HTTP_X_GIGVORA_ROLES": "freelancer"},
    ],
)
def test_launchpad__asked_for_otherwise__is_another_answer(
    client: SignedInClient, freelancer: User, contribute: Contribute, other: dict[str, Any]
) -> None:
    grant_role(actor=None, user_id=freelancer.id, role="client", reason="trial")
    contribute("news")
    client.get(MOBILE)

    assert [client.get(**other)["X-Cache"] for _ in range(2)] == ["miss", "hit"]
    assert client.get(MOBILE)["X-Cache"] == "hit"


def test_launchpad__language_or_time_zone_changed__is_written_anew(
    client: SignedInClient, contribute: Contribute, django_capture_on_commit_callbacks: Any
) -> None:
    contribute("zone", lambda principal: [plain(title=f"{principal.locale} {principal.timezone}")])
    before = titles(client)
    with django_capture_on_commit_callbacks(execute=True):
        client.patch("/v1/auth/me", {"locale": "de", "timezone": "Europe/Berlin"}, format="json")

    assert (before, titles(client)) == (["en UTC"], ["de Europe/Berlin"])


def test_launchpad__hits_and_misses__are_counted_by_surface(client: SignedInClient, contribute: Contribute) -> None:
    contribute("news")
    before = {word: ANSWERS.labels("mobile", word)._value.get() for word in ("hit", "miss")}
    for _ in range(3):
        client.get(MOBILE)
    after = {word: ANSWERS.labels("mobile", word)._value.get() for word in ("hit", "miss")}

    assert {word: after[word] - before[word] for word in after} == {"hit": 2, "miss": 1}
