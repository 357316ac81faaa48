"""Passwords, addresses, guessing, and how little of it all an outsider can tell."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts import hashers
from accounts.attempts import FREE_ATTEMPTS
from accounts.events import NewDeviceUsed
from accounts.models import Device, DeviceSession, Membership, User
from accounts.serializers import TokenAnswerSerializer
from accounts.services.issuing import tokens_for
from core.http.access import Audience
from core.http.renderers import dump_json
from core.http.versions import SERVED_TRAINS
from core.http.wire import Case, Wire
from core.models import IdempotencyRecord
from events.models import OutboxEvent
from tests.accounts.actors import PASSWORD, MakeUser, SignIn

pytestmark = pytest.mark.django_db

REFUSED = {
    "type": "https://docs.gigvora.com/problems/invalid_credentials",
    "title": "Unauthorized",
    "status": 401,
    "detail": "The e-mail address or the password is wrong.",
    "instance": "/v1/auth/login",
    "code": "invalid_credentials",
    "message": "The e-mail address or the password is wrong.",
}


def login(email: str, password: str = PASSWORD, **body: Any) -> Any:
    return APIClient().post("/v1/auth/login", {"email": email, "password": password, **body}, format="json")


def register(email: str, password: str = PASSWORD, **body: Any) -> Any:
    return APIClient().post("/v1/auth/register", {"email": email, "password": password, **body}, format="json")


def register_once(email: str, password: str = PASSWORD, *, key: str) -> Any:
    body = {"email": email, "password": password}
    return APIClient().post("/v1/auth/register", body, format="json", headers={"Idempotency-Key": key})


def me(access_token: str) -> Any:
    return APIClient().get("/v1/auth/me", headers={"Authorization": f"Bearer {access_token}"})


@pytest.fixture
def closed(make_user: MakeUser) -> dict[str, tuple[str, str]]:
    """Address and password of everybody who cannot sign in, by the reason."""
    disabled = make_user(is_active=False)
    social = make_user()
    social.set_unusable_password()
    social.save()
    return {
        "unknown": ("nobody@example.com", PASSWORD),
        "wrong": (make_user().email, "wrong-Password-1"),
        "disabled": (disabled.email, PASSWORD),
        "unusable": (social.email, PASSWORD),
        "no address": ("not an address", PASSWORD),
    }


@pytest.mark.parametrize("reason", ["unknown", "wrong", "disabled", "unusable", "no address"])
def test_login__refused__looks_the_same_for_every_reason(closed: dict[str, tuple[str, str]], reason: str) -> None:
    # case 21
    response = login(*closed[reason])

    body = response.json()
    assert response.status_code == 401
    assert body.pop("trace_id")
    assert body == REFUSED
    assert AuditEntry.objects.filter(action="login.failure", outcome="failure").count() == 1


@pytest.mark.parametrize("reason", ["unknown", "wrong", "disabled", "unusable", "no address"])
def test_login__refused__costs_one_hash_for_every_reason(
    closed: dict[str, tuple[str, str]], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # case 21, counted instead of timed, as a hash costs the same for all of them
    taken: list[str] = []
    run = hashers.hashing.run

    def counting(make: Callable[[], Any]) -> Any:
        taken.append(reason)
        return run(make)

    monkeypatch.setattr(hashers.hashing, "run", counting)

    login(*closed[reason])

    assert taken == [reason]


def test_login__guessing__is_slowed_down_and_never_locked_out(freelancer: User) -> None:
    for _ in range(FREE_ATTEMPTS + 1):
        assert login(freelancer.email, "wrong-Password-1").status_code == 401

    response = login(freelancer.email)

    assert (response.status_code, response.json()["code"]) == (429, "rate_limited")
    wait = int(response.headers["Retry-After"])
    assert 1 <= wait <= 2
    time.sleep(wait)
    assert login(freelancer.email).status_code == 200
    assert login(freelancer.email, "wrong-Password-1").status_code == 401


def test_login__guessing_from_elsewhere__does_not_slow_the_owner(freelancer: User) -> None:
    body = {"email": freelancer.email, "password": "wrong-Password-1"}
    for _ in range(FREE_ATTEMPTS + 3):
        APIClient().post("/v1/auth/login", body, format="json", REMOTE_ADDR="203.0.113.9")

    assert login(freelancer.email).status_code == 200


@pytest.mark.parametrize("spelling", ["ADA@Example.COM", "  ada@example.com ", "ada@EXAMPLE.com"])
def test_address__spelt_differently__is_the_same(make_user: MakeUser, spelling: str) -> None:
    # case 23
    make_user(email="ada@example.com")

    assert login(spelling).status_code == 200
    assert register(spelling).json()["code"] == "email_unavailable"


@pytest.mark.parametrize(
    "address",
    [
        "ad\u0131@example.com",
        "mi\u212ae@example.com",
        "ada@example.com.",
        "a" * 310 + "@example.com",
        "a" * 60 + "@" + "b" * 60 + "." + "c" * 60 + "." + "d" * 60 + "." + "e" * 60 + ".com",
        "ada@example.com\r\nBcc: eve@evil.example",
        "ada@example.com,eve@evil.example",
        "ada@example.com eve@evil.example",
        "ada",
        "@example.com",
        "",
    ],
)  # fmt: skip
def test_register__address_with_a_trick__is_refused(address: str) -> None:
    # case 23
    response = register(address)

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/email"
    assert not User.objects.exists()


def test_register__tagged_address__is_somebody_else(make_user: MakeUser) -> None:
    # case 23
    make_user(email="ada@example.com")

    assert register("ada+work@example.com").status_code == 201


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short1!", "password_too_short"),
        ("x" * 129, "password_too_long"),
        ("password123", "password_too_common"),
        ("Gigvora2026", "password_too_similar"),
        ("lovelace99", "password_too_similar"),
    ],
)
def test_register__weak_password__is_refused(password: str, code: str) -> None:
    response = register("lovelace@example.com", password)

    assert response.status_code == 422
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [("/password", code)]


@pytest.mark.parametrize("password", ["  spaces around 7  ", "pässwörd-ﬁ-9-Ⅷ", "😀" * 8, "x1" * 64])
def test_password__unusual__works_exactly_as_typed(password: str) -> None:
    assert register("ada@example.com", password).status_code == 201
    assert login("ada@example.com", password).status_code == 200
    assert login("ada@example.com", password[1:]).status_code == 401


@pytest.mark.parametrize(
    "extra", ["is_staff", "is_superuser", "role", "roles", "id", "email_verified_at", "created_at", "workspace"]
)
def test_register__more_than_asked_for__is_refused(extra: str) -> None:
    # case 33
    values: dict[str, Any] = {extra: True}
    response = register("ada@example.com", **values)

    assert response.status_code == 422
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [
        (f"/{extra}", "unknown_field")
    ]
    assert not User.objects.exists()


def test_login__old_hash__is_upgraded(make_user: MakeUser) -> None:
    user = make_user()
    user.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    user.save()

    assert login(user.email).status_code == 200
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert login(user.email).status_code == 200


def test_login__eleventh_session__ends_the_one_longest_unused(freelancer: User, settings: Settings) -> None:
    settings.MAX_SESSIONS_PER_USER = 3
    for _ in range(4):
        assert login(freelancer.email).status_code == 200

    ended = DeviceSession.objects.exclude(revoked_at=None).get()
    assert ended.id == DeviceSession.objects.order_by("id").values_list("id", flat=True)[0]
    assert ended.revoked_reason == "evicted"


@pytest.mark.parametrize("known_by", ["id", "fingerprint"])
def test_login__on_a_known_device__ends_the_longest_unused_session_when_there_are_too_many(
    freelancer: User, other_freelancer: User, settings: Settings, known_by: str
) -> None:
    settings.MAX_SESSIONS_PER_USER = 3
    login(other_freelancer.email, device={"platform": "ios"})
    device = {"platform": "ios", "name": "Phone", "fingerprint": "f" * 64 if known_by == "fingerprint" else ""}
    first = login(freelancer.email, device=device).json()
    known = {**device, "id": first["device"]["id"]} if known_by == "id" else device
    for _ in range(2):
        assert login(freelancer.email, device=known).status_code == 200
    assert not DeviceSession.objects.exclude(revoked_at=None).exists()

    again = login(freelancer.email, device=known).json()

    assert again["device"]["id"] == first["device"]["id"]
    assert DeviceSession.objects.filter(user=freelancer, revoked_at=None).count() == 3
    assert DeviceSession.objects.filter(user=other_freelancer, revoked_at=None).count() == 1


@pytest.mark.parametrize("train", SERVED_TRAINS)
@pytest.mark.parametrize("case", list(Case))
@pytest.mark.parametrize("has_workspace", [True, False])
def test_token_answer__any_surface_and_train__is_what_the_serializer_makes_of_it(
    freelancer: User, case: Case, train: str, has_workspace: bool
) -> None:
    if not has_workspace:
        Membership.objects.filter(user=freelancer).delete()
    root = "/api" if case is Case.CAMEL else "/v1"
    body = {"email": freelancer.email, "password": PASSWORD}
    with time_machine.travel(timezone.now(), tick=False):
        answer = APIClient().post(f"{root}/auth/login", body, format="json", HTTP_X_APP_VERSION=train)
        made = tokens_for(DeviceSession.objects.select_related("user", "device").get())

    shown = answer.json()
    made = replace(made, access_token=next(iter(shown.values())))  # no two signatures are the same
    serializer = TokenAnswerSerializer(context={"wire": Wire(case, train)})
    assert answer.content == dump_json(serializer.to_representation(made))
    assert (shown["user"]["workspace"] is None) is not has_workspace


def test_login__sent_again_and_again__pushes_no_phone_in_use_out(freelancer: User, settings: Settings) -> None:
    settings.MAX_SESSIONS_PER_USER = 3
    assert me(login(freelancer.email).json()["access_token"]).status_code == 200
    renewed = {"refresh_token": login(freelancer.email).json()["refresh_token"]}
    assert APIClient().post("/v1/auth/refresh", renewed, format="json").status_code == 200

    for _ in range(5):
        assert login(freelancer.email).status_code == 200

    in_use, also_in_use, *lost, last = DeviceSession.objects.order_by("id")
    assert [session.revoked_reason for session in lost] == ["evicted"] * 4
    assert {session.revoked_at for session in (in_use, also_in_use, last)} == {None}


def test_login__another_client__pushes_out_the_longest_unused_and_not_the_newest(
    freelancer: User, settings: Settings
) -> None:
    settings.MAX_SESSIONS_PER_USER = 2
    old = login(freelancer.email, device={"platform": "ios", "name": "Old"}).json()["access_token"]
    assert me(old).status_code == 200
    assert login(freelancer.email, device={"platform": "ios", "name": "New, not used yet"}).status_code == 200

    assert login(freelancer.email, device={"platform": "android", "name": "Third"}).status_code == 200

    assert list(DeviceSession.objects.exclude(revoked_at=None).values_list("device__name", flat=True)) == ["Old"]


def test_login__unnamed_client_from_elsewhere__is_told_to_the_owner(freelancer: User) -> None:
    def signed_in(address: str) -> int:
        body = {"email": freelancer.email, "password": PASSWORD, "device": {"platform": "android"}}
        answer = APIClient().post("/v1/auth/login", body, format="json", REMOTE_ADDR=address)
        assert answer.status_code == 200
        return OutboxEvent.objects.filter(name=NewDeviceUsed.name).count()

    assert [signed_in(address) for address in ("203.0.113.7", "203.0.113.7", "198.51.100.9")] == [0, 0, 1]


@pytest.mark.parametrize("address", ["ada@example.org", "ada@\uff45xample.org", "ADA@EXAMPLE.ORG"])
def test_login__guessing_in_many_spellings__is_counted_once(make_user: MakeUser, address: str) -> None:
    make_user(email="ada@example.org")
    for _ in range(FREE_ATTEMPTS + 1):
        login("ada@example.org", "wrong-Password-1")

    assert login(address, "wrong-Password-1").status_code == 429


def test_login__known_device__is_recognised(freelancer: User, sign_in: SignIn) -> None:
    phone = {"platform": "ios", "name": "Phone", "fingerprint": "abc"}
    first = login(freelancer.email, device=phone).json()["device"]

    again = login(freelancer.email, device={**phone, "id": first["id"], "app_version": "2.0"}).json()["device"]
    reinstalled = login(freelancer.email, device=phone).json()["device"]
    cloned = login(freelancer.email, device={**phone, "id": first["id"], "fingerprint": "xyz"}).json()["device"]

    assert again == {**first, "app_version": "2.0", "last_seen_at": again["last_seen_at"]}
    assert reinstalled["id"] == first["id"]
    assert cloned["id"] != first["id"]
    assert Device.objects.filter(fingerprint__in=["abc", "xyz"]).count() == 0


def test_login__device_of_somebody_else__is_not_taken_over(freelancer: User, other_freelancer: User) -> None:
    theirs = login(other_freelancer.email, device={"platform": "ios", "name": "Theirs"}).json()["device"]

    mine = login(freelancer.email, device={"platform": "ios", "name": "Mine", "id": theirs["id"]}).json()["device"]

    assert mine["id"] != theirs["id"]
    assert Device.objects.get(id=theirs["id"]).name == "Theirs"


@pytest.mark.parametrize(
    ("platform", "audience"), [("android", Audience.ANDROID), ("ios", Audience.IOS), ("web", Audience.WEB)]
)
def test_login__platform__chooses_the_one_audience(freelancer: User, platform: str, audience: Audience) -> None:
    login(freelancer.email, device={"platform": platform, "name": "x"})

    assert DeviceSession.objects.get().audience == audience


@pytest.mark.parametrize(
    "device", [{"platform": "windows"}, {"name": "no platform"}, "ios", [], {"platform": "ios", "admin": 1}]
)
def test_login__malformed_device__is_refused(freelancer: User, device: Any) -> None:
    response = login(freelancer.email, device=device)

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"].startswith("/device")


def test_register__sent_again_with_its_key__is_the_same_account_and_session() -> None:
    first, again = (register_once("ada@example.com", key="k1") for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert (User.objects.count(), DeviceSession.objects.count()) == (1, 1)
    kept = IdempotencyRecord.objects.get()
    assert first.json()["refresh_token"].encode() not in bytes(kept.body)


@pytest.mark.parametrize(("key", "password"), [("k2", PASSWORD), ("k1", "another-Password-7")])
def test_register__another_key_or_password__learns_what_everybody_would(key: str, password: str) -> None:
    register_once("ada@example.com", key="k1")

    response = register_once("ada@example.com", password, key=key)

    assert (response.status_code, response.json()["code"]) == (409, "email_unavailable")
    assert IdempotencyRecord.objects.count() == 1


def test_register__strangers_with_one_key__do_not_meet() -> None:
    answers = [register_once(f"{name}@example.com", key="1") for name in ("ada", "eve")]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert User.objects.count() == 2
