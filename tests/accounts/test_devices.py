"""One's own devices, sessions, profile and security trail; and nobody else's."""

from typing import Any
from unittest.mock import ANY
from uuid import UUID

import pytest

from accounts.errors import LinkInvalid
from accounts.models import Device, DeviceSession, User
from accounts.services import links
from accounts.types import Purpose
from core.http.access import Audience
from core.testing.queries import counted_queries
from events.models import OutboxEvent
from tests.accounts.actors import SignedInClient, SignIn
from tests.accounts.guarded import Guarded, verify
from tests.accounts.test_links import mailed_token

pytestmark = pytest.mark.django_db(transaction=True)
STRANGE_IDS = [str(UUID(int=0)), "01a1fb7f-a8d6-7761-af02-e4acb152f0ea", "7", "../../etc", "%00", "1e3", "-1", "9" * 25]


@pytest.fixture
def client(freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(freelancer, Audience.IOS, name="Phone")


@pytest.fixture
def stranger(other_freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(other_freelancer, Audience.IOS)


def test_devices__listed__are_ones_own(client: SignedInClient, stranger: SignedInClient) -> None:
    response = client.get("/v1/devices")

    assert response.status_code == 200
    assert response.json()["data"] == [
        {
            "id": str(client.signed_in.session.device_id),
            "platform": "ios",
            "name": "Phone",
            "model": "",
            "os_version": "",
            "app_version": "",
            "assurance": "none",
            "last_seen_at": ANY,
            "created_at": ANY,
        }
    ]
    assert response.json()["page"] == {"next": None, "previous": None, "limit": 25}


def test_device__renamed__has_the_name(client: SignedInClient) -> None:
    response = client.patch(f"/v1/devices/{client.signed_in.session.device_id}", {"name": "Old phone"}, format="json")

    assert (response.status_code, response.json()["name"]) == (200, "Old phone")


@pytest.mark.parametrize(
    "body", [{"name": "a\u202eb"}, {"name": ""}, {"name": "x" * 101}, {"platform": "web"}, {"fingerprint": "x"}, []]
)
def test_device__renamed_badly__is_unchanged(client: SignedInClient, body: Any) -> None:
    response = client.patch(f"/v1/devices/{client.signed_in.session.device_id}", body, format="json")

    assert response.status_code == 422
    assert Device.objects.get().name == "Phone"


def test_device__removed__ends_its_sessions(client: SignedInClient, freelancer: User, sign_in: SignIn) -> None:
    other = sign_in(freelancer, Audience.ANDROID)

    assert other.delete(f"/v1/devices/{client.signed_in.session.device_id}").status_code == 204

    assert client.get("/v1/auth/me").status_code == 401
    assert other.get("/v1/auth/me").status_code == 200
    assert [device["platform"] for device in other.get("/v1/devices").json()["data"]] == ["android"]


def test_sessions__listed__tell_which_is_this_one(client: SignedInClient, freelancer: User, sign_in: SignIn) -> None:
    other = sign_in(freelancer)

    listed = client.get("/v1/sessions").json()["data"]

    assert [(row["id"], row["is_current"]) for row in listed] == [
        (str(other.signed_in.session.id), False),
        (str(client.signed_in.session.id), True),
    ]
    assert set(listed[0]) == {
        "id", "device", "is_current", "ip_address", "user_agent", "signed_in_at", "last_used_at", "expires_at",
    }  # fmt: skip


def test_session__revoked_from_another__has_ended(client: SignedInClient, freelancer: User, sign_in: SignIn) -> None:
    other = sign_in(freelancer)

    assert client.delete(f"/v1/sessions/{other.signed_in.session.id}").status_code == 204

    assert other.get("/v1/auth/me").status_code == 401
    assert client.get("/v1/auth/me").status_code == 200
    assert client.delete(f"/v1/sessions/{other.signed_in.session.id}").status_code == 404
    event = OutboxEvent.objects.get(name="account.session.ended")
    assert event.aggregate_id == other.signed_in.session.id


def test_logout__everywhere__ends_every_session(client: SignedInClient, freelancer: User, sign_in: SignIn) -> None:
    other = sign_in(freelancer)

    assert client.post("/v1/auth/logout", {"everywhere": True}, format="json").status_code == 200

    assert [one.get("/v1/auth/me").status_code for one in (client, other)] == [401, 401]


def test_logout__everywhere__voids_what_was_begun_elsewhere(guarded: Guarded) -> None:
    begun = guarded.challenge()

    assert guarded.client.post("/v1/auth/logout", {"everywhere": True}, format="json").status_code == 200

    assert verify(begun, guarded.app.now()).json()["code"] == "invalid_challenge"


def test_logout__everywhere__voids_links_to_a_new_password(client: SignedInClient, freelancer: User) -> None:
    former = mailed_token(freelancer, Purpose.RESET_PASSWORD)
    assert client.post("/v1/auth/logout", {"everywhere": True}, format="json").status_code == 200

    with pytest.raises(LinkInvalid):
        links.reset_password(token=former, new_password="another horse battery")
    links.reset_password(token=mailed_token(freelancer, Purpose.RESET_PASSWORD), new_password="another horse battery")


@pytest.mark.parametrize(
    ("collection", "method"), [("devices", "delete"), ("devices", "patch"), ("sessions", "delete")]
)
def test_ids__of_somebody_else__are_the_same_as_none(
    client: SignedInClient, stranger: SignedInClient, collection: str, method: str
) -> None:
    # case 31
    theirs = stranger.signed_in.session
    their_id = theirs.device_id if collection == "devices" else theirs.id

    foreign, missing = (
        getattr(client, method)(f"/v1/{collection}/{row_id}", {"name": "mine"}, format="json")
        for row_id in (their_id, UUID(int=7))
    )

    assert foreign.status_code == missing.status_code == 404
    volatile = ("trace_id", "instance")
    assert [{k: v for k, v in body.json().items() if k not in volatile} for body in (foreign, missing)] == [
        {k: v for k, v in missing.json().items() if k not in volatile}
    ] * 2
    assert stranger.get("/v1/auth/me").status_code == 200


@pytest.mark.parametrize("collection", ["devices", "sessions"])
@pytest.mark.parametrize("strange", STRANGE_IDS)
def test_ids__strange__find_nothing(client: SignedInClient, collection: str, strange: str) -> None:
    # case 32
    assert client.delete(f"/v1/{collection}/{strange}").status_code == 404


def test_profile__changed__is_shown_and_published(client: SignedInClient) -> None:
    changes = {"full_name": "Adä", "phone": "+4930123456", "locale": "de-DE", "timezone": "Europe/Berlin"}
    client.get("/v1/auth/me")

    response = client.patch("/v1/auth/me", changes, format="json")

    assert response.status_code == 200
    assert {name: response.json()[name] for name in changes} == changes
    assert (client.principal.locale, client.principal.timezone) == ("de-DE", "Europe/Berlin")
    event = OutboxEvent.objects.get(name="freelancer.profile_updated")
    assert event.payload["changed"] == "full_name locale phone timezone"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"timezone": "Mars/Olympus"}, "unknown_timezone"),
        ({"timezone": "America/../etc/passwd"}, "unknown_timezone"),
        ({"locale": "../de"}, "invalid"),
        ({"locale": "de_DE"}, "invalid"),
        ({"locale": "german"}, "invalid"),
        ({"phone": "0301234"}, "invalid"),
        ({"phone": "+49" + "1" * 20}, "invalid"),
        ({"full_name": "a\u202eb"}, "unprintable"),
        ({"full_name": "x" * 151}, "max_length"),
        ({"email": "new@example.com"}, "unknown_field"),
        ({"id": "x"}, "unknown_field"),
        ({"is_email_verified": True}, "unknown_field"),
        ({"roles": ["admin"]}, "unknown_field"),
        ({"security_version": 9}, "unknown_field"),
    ],
)
def test_profile__refused_change__changes_nothing(client: SignedInClient, body: dict[str, Any], code: str) -> None:
    # case 33
    before = User.objects.values().get()

    response = client.patch("/v1/auth/me", body, format="json")

    assert response.status_code == 422
    assert [error["code"] for error in response.json()["errors"]] == [code]
    assert User.objects.values().get() == before


@pytest.mark.parametrize("phone", ["", "+4930123456"])
def test_profile__phone__may_be_given_and_taken_back(client: SignedInClient, phone: str) -> None:
    assert client.patch("/v1/auth/me", {"phone": phone}, format="json").json()["phone"] == phone


def test_security_events__paged__tell_ones_own_story(client: SignedInClient, freelancer: User, sign_in: SignIn) -> None:
    client.post("/v1/auth/logout", {}, format="json")
    again = sign_in(freelancer, Audience.IOS)

    first = again.get("/v1/security/events?limit=2").json()
    rest = again.get(first["_links"]["next"]["href"]).json()

    actions = [event["action"] for event in (*first["data"], *rest["data"])]
    assert actions == ["login.success", "device.added", "logout", "login.success"]
    assert len(first["data"]) == 2
    assert set(first["data"][0]) == {
        "id", "action", "outcome", "reason", "channel", "ip_address", "user_agent", "session_id", "device_id",
        "recorded_at",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/devices", "/v1/sessions", "/v1/security/events"])
def test_lists__with_more_rows__ask_as_many_queries(
    freelancer: User, sign_in: SignIn, client: SignedInClient, path: str
) -> None:
    client.get(path)
    with counted_queries() as few:
        client.get(path)
    for _ in range(4):
        sign_in(freelancer, Audience.ANDROID)
    client.get(path)  # on a slow machine what was known of the session is over by now
    with counted_queries() as many:
        client.get(path)

    assert len(few) == len(many) <= 2, f"{few}\n\n{many}"
    assert DeviceSession.objects.count() == 5
