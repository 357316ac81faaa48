"""Looking after one's own sessions and devices."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AccountRecovery, Device, DeviceSession, User
from accounts.services.endings import ENDED_TOPIC
from core.broadcast import listen
from core.http.access import Audience
from core.testing.jobs import CapturedJobs
from core.testing.queries import counted_queries
from tests.accounts.actors import PASSWORD, SignIn
from tests.accounts.guarded import Guarded

pytestmark = pytest.mark.django_db(transaction=True)


def login(user: User, agent: str = "Tests/1", **device: str) -> Any:
    body = {"email": user.email, "password": PASSWORD, **({"device": device} if device else {})}
    return APIClient().post("/v1/auth/login", body, format="json", headers={"User-Agent": agent})


def new_devices(jobs: CapturedJobs) -> list[str]:
    """The bodies of the mails about new devices that are due."""
    mail.outbox.clear()
    jobs.run(times=1)
    return [str(message.body) for message in mail.outbox if message.subject.startswith("A new device")]


def test_new_device__first_ever__is_not_told(freelancer: User, enqueued_jobs: CapturedJobs) -> None:
    login(freelancer, platform="ios", name="Phone", fingerprint="f1")

    assert new_devices(enqueued_jobs) == []


def test_new_device__another__is_told_once(freelancer: User, enqueued_jobs: CapturedJobs) -> None:
    login(freelancer, platform="ios", name="Phone", fingerprint="f1")
    for _ in range(2):
        login(freelancer, platform="android", name="visit evil.example", fingerprint="f2")

    (told,) = new_devices(enqueued_jobs)
    assert re.search(r"on an Android device that it was not used on before,\non \d+ \w+ \d{4}, \d\d:\d\d UTC", told)
    assert "evil.example" not in told
    login(freelancer, platform="android", fingerprint="f2")
    assert new_devices(enqueued_jobs) == []


def test_new_device__client_without_a_name__is_known_by_its_user_agent(
    freelancer: User, enqueued_jobs: CapturedJobs
) -> None:
    login(freelancer, "Browser/1")
    login(freelancer, "Browser/1")
    assert new_devices(enqueued_jobs) == []

    login(freelancer, "Curl/8")
    assert len(new_devices(enqueued_jobs)) == 1


def test_sessions__clear__ends_all_but_this_one(freelancer: User, other_freelancer: User, sign_in: SignIn) -> None:
    own, stranger = sign_in(freelancer), sign_in(other_freelancer)
    others = [sign_in(freelancer, audience) for audience in (Audience.IOS, Audience.ANDROID)]

    answer = own.delete("/v1/sessions")

    assert (answer.status_code, answer.content) == (204, b"")
    assert [client.get("/v1/auth/me").status_code for client in others] == [401, 401]
    assert own.get("/v1/auth/me").status_code == stranger.get("/v1/auth/me").status_code == 200
    assert own.delete("/v1/sessions").status_code == 204


@pytest.mark.parametrize("collection", ["devices", "security/events"])
def test_collections__that_cannot_be_cleared__say_so(freelancer: User, sign_in: SignIn, collection: str) -> None:
    assert sign_in(freelancer).delete(f"/v1/{collection}").status_code == 405


@pytest.mark.parametrize(
    "ending",
    [
        lambda client: client.post("/v1/auth/logout", {"everywhere": True}, format="json"),
        lambda client: client.delete("/v1/sessions"),
        lambda client: client.delete(f"/v1/devices/{client.signed_in.session.device_id}"),
        lambda client: client.post("/v1/auth/change-password", {"new_password": "another-Long-9-words"}, format="json"),
    ],
)
def test_ending__any__rings_for_open_sockets_at_once(freelancer: User, sign_in: SignIn, ending: Any) -> None:
    client, other = sign_in(freelancer), sign_in(freelancer)
    heard: list[Any] = []
    forget = listen(ENDED_TOPIC, heard.append)

    assert ending(client).status_code in {200, 204}

    forget()
    ended = set(map(str, DeviceSession.objects.exclude(revoked_at=None).values_list("id", flat=True)))
    assert ended
    assert {session_id for message in heard for session_id in message["session_ids"]} == ended
    assert ended <= {str(client.signed_in.session.id), str(other.signed_in.session.id)}


def test_security__overview__tells_everything_in_one_answer(guarded: Guarded, sign_in: SignIn, clock: Any) -> None:
    ready_at = timezone.now() + timedelta(hours=72)
    AccountRecovery.objects.create(user=guarded.user, digest="d", ready_at=ready_at, expires_at=ready_at)

    shown = guarded.client.get("/v1/security").json()

    assert sorted(shown) == [
        "devices",
        "email",
        "has_password",
        "identities",
        "is_email_verified",
        "passkeys",
        "payouts_held_until",
        "recent_events",
        "recovery_ready_at",
        "second_factor",
        "sessions",
    ]
    assert (shown["email"], shown["has_password"]) == (guarded.user.email, True)
    assert (shown["second_factor"]["methods"], shown["second_factor"]["recovery_codes_left"]) == (
        ["otp", "recovery"],
        10,
    )
    assert [session["is_current"] for session in shown["sessions"]] == [True]
    assert shown["recent_events"][0]["action"] == "factor.added"
    assert shown["recovery_ready_at"] == ready_at.isoformat().replace("+00:00", "Z")
    assert shown["payouts_held_until"] is None


def test_security__overview__costs_the_same_for_many(freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    client.get("/v1/security")
    with counted_queries() as few:
        client.get("/v1/security")
    for number in range(8):
        sign_in(freelancer, Audience.IOS, fingerprint=f"f{number}")
    with counted_queries() as many:
        shown = client.get("/v1/security").json()

    assert len(shown["sessions"]) == len(shown["devices"]) == 9
    assert len(many) == len(few), str(many)


def test_security__overview__is_ones_own(freelancer: User, other_freelancer: User, sign_in: SignIn) -> None:
    sign_in(other_freelancer)
    client = sign_in(freelancer)

    shown = client.get("/v1/security").json()

    assert [session["id"] for session in shown["sessions"]] == [str(client.signed_in.session.id)]
    assert [device["id"] for device in shown["devices"]] == [str(Device.objects.get(user=freelancer).id)]


def test_phone__changed__takes_a_fresh_proof(clock: Any, freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    assert client.patch("/v1/auth/me", {"phone": "+4915112345678"}, format="json").status_code == 200
    clock.shift(301)

    refused = client.patch("/v1/auth/me", {"phone": "+4915199999999", "full_name": "Eve"}, format="json")

    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert refused.headers["X-Gigvora-Decision-Id"] == refused.json()["decision_id"]
    same = client.patch("/v1/auth/me", {"phone": "+4915112345678", "full_name": "Ada"}, format="json")
    assert (same.status_code, same.json()["full_name"]) == (200, "Ada")
