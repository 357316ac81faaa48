"""Nothing that is kept anywhere outlives a change of access: home screens, bodies, and tags that clients hold.

Not here: how long what is still true is kept (`test_caching.py`), and what bookings do to availability, which is kept
under a version that they count up (`tests/mentors/test_availability.py`).
"""

from typing import Any

import pytest
from django.core.cache import cache

from access.services import revoke_role
from accounts.liveness import LIVE_SECONDS
from accounts.models import Membership, User
from experiments.types import State
from finance.flags import WALLET_INSIGHTS
from tests.accounts.actors import MakeUser, SignedInClient
from tests.launchpad.conftest import Contribute, SetFlag
from tests.launchpad.test_api import MOBILE, types

pytestmark = pytest.mark.django_db
MONEY = ("/api/finance/accounts", "/api/finance/ledger", "/api/finance/overview", "/mobile/v2/wallet/insights")


def tags_of(client: SignedInClient) -> dict[str, str]:
    """What is kept by now, here and at the client: each is asked often enough to be remembered."""
    return {path: [client.get(path) for _ in range(3)][-1]["ETag"] for path in MONEY}


def test_kept_bodies__role_lost__are_shown_to_nobody_and_no_tag_is_still_good(
    client: SignedInClient, freelancer: User, django_capture_on_commit_callbacks: Any
) -> None:
    held = tags_of(client)
    assert [client.get(path, HTTP_IF_NONE_MATCH=tag).status_code for path, tag in held.items()] == [304] * 4

    with django_capture_on_commit_callbacks(execute=True):
        revoke_role(actor=None, user_id=freelancer.id, role="freelancer", reason="trial")

    for path, tag in held.items():
        assert client.get(path).json()["code"] == "insufficient_scope"
        assert client.get(path, HTTP_IF_NONE_MATCH=tag).status_code == 403


def test_kept_bodies__flag_flipped__are_gone_at_once(client: SignedInClient, set_flag: SetFlag) -> None:
    path = MONEY[-1]
    tag = tags_of(client)[path]
    set_flag(WALLET_INSIGHTS, State.OFF)

    for refused in (client.get(path), client.get(path, HTTP_IF_NONE_MATCH=tag)):
        assert (refused.status_code, refused.json()["code"]) == (404, "feature_disabled")


def test_launchpad__colleague_leaves_the_workspace__sees_nothing_of_it_any_more(
    client: SignedInClient, colleague: SignedInClient, contribute: Contribute, make_user: MakeUser, clock: Any
) -> None:
    """Who works where is known of a session for seconds; no service changes it yet, so nothing can tell sooner."""
    contribute("ours", is_personal=False)
    shared = [each.get(MOBILE) for each in (client, colleague)]
    assert shared[0].content == shared[1].content

    elsewhere = Membership.objects.get(user=make_user()).workspace_id
    Membership.objects.filter(user_id=colleague.principal.user_id).update(workspace_id=elsewhere)
    clock.shift(LIVE_SECONDS)
    cache.delete(f"session:{colleague.principal.session_id}")  # Redis, with a clock of its own, would still hold it
    answer = colleague.get(MOBILE, HTTP_IF_NONE_MATCH=shared[1]["ETag"])

    assert (answer.status_code, answer["X-Cache"]) == (200, "miss")
    assert answer.json()["workspace"] != shared[0].json()["workspace"]
    assert client.get(MOBILE)["X-Cache"] == "hit"


def test_launchpad__something_happens__shows_within_the_stated_time_and_no_later(
    client: SignedInClient, clock: Any
) -> None:
    """The answer says that it keeps for thirty seconds, and its cards that they do for forty-five."""
    start = {"title": "Now", "starts_at": "2026-11-20T13:00:00Z", "ends_at": "2026-11-20T14:00:00Z"}
    assert "calendar_next_event" not in types(client)
    assert client.post("/v1/calendar/events", start, format="json").status_code == 201

    assert "calendar_next_event" not in types(client), "what was said to keep is kept"
    clock.shift(45)
    assert "calendar_next_event" in types(client)
