"""Rotation, one rule at a time; races are in `test_races.py`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import ANY

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.events import SessionEnded
from accounts.models import DeviceSession, User
from accounts.services import rotation
from accounts.tokens import RefreshToken, presented_session_id
from core.http.access import Audience
from core.testing.jobs import CapturedJobs
from events.models import OutboxEvent
from tests.accounts.actors import SignedInClient, SignIn

pytestmark = pytest.mark.django_db(transaction=True)


def refresh(token: str, **headers: str) -> Any:
    return APIClient().post("/v1/auth/refresh", {"refresh_token": token}, format="json", headers=headers)


def use(access_token: str) -> Any:
    return APIClient().get("/v1/auth/me", headers={"Authorization": f"Bearer {access_token}"})


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


@pytest.fixture
def client(freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(freelancer, Audience.IOS)


@pytest.fixture
def first(client: SignedInClient) -> str:
    return client.signed_in.tokens.refresh_token


def test_refresh__three_times__each_gives_the_next(first: str) -> None:
    seen = [first]
    for _ in range(3):
        response = refresh(seen[-1])
        assert response.status_code == 200
        seen.append(response.json()["refresh_token"])

    assert len(set(seen)) == 4
    assert DeviceSession.objects.get().counter == 3


@pytest.mark.parametrize("seconds", [1, 59])
def test_row_12__refresh__answer_lost_and_retried__gives_the_same_successor(first: str, seconds: int) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        lost = refresh(first).json()
    with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
        retried = refresh(first)

    assert retried.status_code == 200
    assert retried.json()["refresh_token"] == lost["refresh_token"]
    assert DeviceSession.objects.get().counter == 1


def test_row_12__refresh__retried_after_a_minute__is_reuse(first: str) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        refresh(first)
    with time_machine.travel(start + timedelta(seconds=61), tick=False):
        assert code(refresh(first)) == (401, "token_reused")


def test_refresh__straggler_within_ten_seconds_of_a_used_successor__gives_the_same_successor(first: str) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        successor = refresh(first).json()
        assert use(successor["access_token"]).status_code == 200
    assert DeviceSession.objects.get().confirmed is True
    with time_machine.travel(start + timedelta(seconds=9), tick=False):
        straggler = refresh(first)

    assert straggler.status_code == 200
    assert straggler.json()["refresh_token"] == successor["refresh_token"]


def test_row_13__refresh__straggler_later_than_ten_seconds_after_use__ends_the_family(first: str) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        successor = refresh(first).json()
        use(successor["access_token"])
    with time_machine.travel(start + timedelta(seconds=11), tick=False):
        assert code(refresh(first)) == (401, "token_reused")
        assert code(refresh(successor["refresh_token"])) == (401, "session_ended")
        assert use(successor["access_token"]).status_code == 401


def test_row_15__refresh__grandparent_token__ends_the_family_and_only_it(
    freelancer: User, client: SignedInClient, first: str, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    other = sign_in(freelancer, Audience.ANDROID)
    second = refresh(first).json()["refresh_token"]
    third = refresh(second).json()

    response = refresh(first)

    assert response.status_code == 401
    assert response.json() == {
        "type": "https://docs.gigvora.com/problems/token_reused",
        "title": "Unauthorized",
        "status": 401,
        "detail": "This token was used before, so the session has been ended. Sign in again.",
        "instance": "/v1/auth/refresh",
        "code": "token_reused",
        "message": "This token was used before, so the session has been ended. Sign in again.",
        "trace_id": ANY,
    }
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    # what the refusal reports has been committed, not rolled back with it
    ended = DeviceSession.objects.get(id=client.signed_in.session.id)
    assert ended.revoked_reason == "reuse"
    assert use(third["access_token"]).status_code == 401
    assert other.get("/v1/auth/me").status_code == 200
    assert refresh(other.signed_in.tokens.refresh_token).status_code == 200
    audited = AuditEntry.objects.get(action="refresh.reused")
    assert (audited.outcome, audited.user_id, audited.details) == ("failure", freelancer.id, {"session": str(ended.id)})

    enqueued_jobs.run(times=1)
    told = [message.to for message in mail.outbox if message.subject == "We ended one of your sessions"]
    assert told == [[freelancer.email]]


def held_up(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> None:
    """Let the next refresh wait before it is looked at, while something else happens."""
    look = presented_session_id

    def wait(presented: str) -> Any:
        monkeypatch.setattr(rotation, "presented_session_id", look)
        meanwhile()
        return look(presented)

    monkeypatch.setattr(rotation, "presented_session_id", wait)


@pytest.mark.parametrize(
    ("renewals", "answer"), [(2, (409, "token_superseded")), (3, (401, "token_reused"))], ids=["twice", "thrice"]
)
def test_refresh__renewed_while_the_request_waited__ends_nothing_unless_it_came_too_late(
    first: str, monkeypatch: pytest.MonkeyPatch, renewals: int, answer: tuple[int, str]
) -> None:
    tokens = [first]

    def renew() -> None:
        for _ in range(renewals):
            tokens.append(refresh(tokens[-1]).json()["refresh_token"])

    held_up(monkeypatch, renew)

    assert code(refresh(first)) == answer
    assert refresh(tokens[-1]).status_code == (200 if renewals == 2 else 401)
    assert code(refresh(first))[0] == 401  # came after all of that


def test_refresh__token_older_than_its_own_lifetime__still_counts_as_reuse(first: str) -> None:
    start = timezone.now()
    token = first
    for day in (0, 5, 10):
        with time_machine.travel(start + timedelta(days=day), tick=False):
            token = refresh(token).json()["refresh_token"]
    with time_machine.travel(start + timedelta(days=11), tick=False):
        assert code(refresh(first)) == (401, "token_reused")


@pytest.mark.parametrize(
    ("audience", "idle", "absolute"),
    [
        (Audience.IOS, timedelta(days=7), timedelta(days=90)),
        (Audience.WEB, timedelta(hours=24), timedelta(days=14)),
        (Audience.ADMIN, timedelta(minutes=30), timedelta(hours=12)),
    ],
)
def test_refresh__idle_or_too_old__has_ended(
    support: User, sign_in: SignIn, audience: Audience, idle: timedelta, absolute: timedelta
) -> None:
    idle_token, kept_token = (sign_in(support, audience).signed_in.tokens.refresh_token for _ in range(2))
    start = timezone.now()

    with time_machine.travel(start + idle + timedelta(seconds=2), tick=False):
        assert code(refresh(idle_token)) == (401, "session_ended")
    kept_token = _keep_alive(kept_token, start, idle, absolute)
    with time_machine.travel(start + absolute + timedelta(seconds=2), tick=False):
        assert code(refresh(kept_token)) == (401, "session_ended")


def _keep_alive(token: str, start: datetime, idle: timedelta, absolute: timedelta) -> str:
    """Refresh the session in steps shorter than its idle limit, until just before its end."""
    step = idle * 0.9
    for tick in range(1, int(absolute / step) + 1):
        with time_machine.travel(start + tick * step, tick=False):
            response = refresh(token)
            assert response.status_code == 200
            assert response.json()["refresh_expires_in"] <= idle.total_seconds()
            token = response.json()["refresh_token"]
    return token


def test_refresh__near_the_end__access_token_does_not_outlive_the_session(freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer, Audience.WEB)
    session = client.signed_in.session
    DeviceSession.objects.update(expires_at=timezone.now() + timedelta(seconds=90))

    answer = refresh(client.signed_in.tokens.refresh_token).json()

    assert 85 <= answer["expires_in"] <= 90
    assert answer["expires_in"] <= answer["refresh_expires_in"] + 1
    assert session.counter == 0


@pytest.mark.parametrize("forgery", ["flipped", "next counter", "other session", "unsigned", "wrong type", "junk", ""])
def test_row_16__refresh__forged_token__changes_nothing(
    freelancer: User, client: SignedInClient, first: str, sign_in: SignIn, forgery: str
) -> None:
    session = DeviceSession.objects.get(id=client.signed_in.session.id)
    other = sign_in(freelancer).signed_in.session
    header, body, signature = first.split(".")
    ahead = DeviceSession.objects.get(id=session.id)
    ahead.counter += 1
    other_key = DeviceSession.objects.get(id=session.id)
    other_key.key = other.key
    forged = {
        "flipped": f"{header}.{body}.{('B' if signature[0] == 'A' else 'A') + signature[1:]}",
        "next counter": str(RefreshToken(ahead)),
        "other session": str(RefreshToken(other_key)),
        "unsigned": f"{header}.{body}.",
        "wrong type": client.signed_in.tokens.access_token,
        "junk": "a.b.c",
        "": "x" * 5000,
    }[forgery]

    assert code(refresh(forged)) == (401, "invalid_token")
    session.refresh_from_db()
    assert (session.counter, session.revoked_at, session.replays) == (0, None, 0)
    assert refresh(first).status_code == 200


@pytest.mark.parametrize("presented", [{}, {"X-Device-Fingerprint": "another"}], ids=["missing", "other"])
def test_row_17__refresh__from_another_device__is_refused_and_the_session_goes_on(
    freelancer: User, sign_in: SignIn, presented: dict[str, str]
) -> None:
    token = sign_in(freelancer, Audience.IOS, fingerprint="this-phone").signed_in.tokens.refresh_token

    assert code(refresh(token, **presented)) == (401, "device_mismatch")
    assert refresh(token, **{"X-Device-Fingerprint": "this-phone"}).status_code == 200
    assert AuditEntry.objects.filter(action="fingerprint.mismatch", outcome="denied").count() == 1


def test_row_17__refresh__again_and_again_from_another_device__ends_the_session_and_tells_its_owner(
    freelancer: User, sign_in: SignIn
) -> None:
    token = sign_in(freelancer, Audience.IOS, fingerprint="this-phone").signed_in.tokens.refresh_token

    refused = [code(refresh(token, **{"X-Device-Fingerprint": "another"})) for _ in range(3)]

    assert refused == [(401, "device_mismatch")] * 3
    assert code(refresh(token, **{"X-Device-Fingerprint": "this-phone"})) == (401, "session_ended")
    assert OutboxEvent.objects.get(name=SessionEnded.name).payload["reason"] == "reuse"


def test_refresh__more_replays_than_any_burst__is_reuse(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "MAX_REPLAYS", 2)
    answers = [refresh(first) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 401]


def test_refresh__signed_out__has_ended(client: SignedInClient, first: str) -> None:
    client.post("/v1/auth/logout", {}, format="json")

    response = refresh(first)

    assert code(response) == (401, "session_ended")
    assert response.json()["reason"] == "logout"


def test_refresh__closed_account__has_ended(freelancer: User, first: str) -> None:
    User.objects.filter(id=freelancer.id).update(is_active=False)

    assert code(refresh(first)) == (401, "session_ended")


def test_refresh__stale_bearer_beside_it__does_not_matter(first: str) -> None:
    response = refresh(first, Authorization="Bearer expired")

    assert response.status_code == 200


def test_session__stored__holds_no_token(client: SignedInClient) -> None:
    tokens = client.signed_in.tokens
    row = " ".join(str(value) for value in DeviceSession.objects.values_list().get())

    assert tokens.refresh_token not in row
    assert tokens.access_token not in row
    assert tokens.refresh_token.rpartition(".")[2] not in row
