"""What somebody wants to be told, and where their app is reached."""

from typing import Any
from uuid import UUID

import pytest
from push_notifications.models import APNSDevice, GCMDevice

from accounts.models import User
from accounts.services import devices, sessions
from core.db.ids import uuid7
from core.http.access import Audience
from events.services import dispatch
from notifications.models import Preferences, PushRegistration
from tests.accounts.actors import SignedInClient, SignIn

pytestmark = pytest.mark.django_db

PREFERENCES, TOKEN = "/v1/notifications/preferences", "/v1/notifications/device-token"
BOTH = {"email": True, "push": True}
FCM, APNS = "fZx3:APA91b" + "x" * 140, "ab" * 32


def put(client: SignedInClient, **body: Any) -> Any:
    return client.put(PREFERENCES, body, format="json")


def register(client: SignedInClient, platform: str = "android", token: str = FCM) -> Any:
    return client.post(TOKEN, {"platform": platform, "token": token}, format="json")


def device_of(client: SignedInClient) -> UUID:
    device_id = client.principal.device_id
    assert device_id
    return device_id


def test_preferences__nothing_chosen__everything_is_on(client: SignedInClient) -> None:
    assert client.get(PREFERENCES).json() == {
        "categories": {"calendar": BOTH, "mentorship": BOTH, "finance": BOTH, "security": BOTH},
        "quiet_hours": None,
        "max_per_day": None,
    }
    assert not Preferences.objects.exists()


def test_preferences__changed_in_steps__keep_what_was_not_named(client: SignedInClient, other: SignedInClient) -> None:
    quiet = {"starts_at": "22:00", "ends_at": "07:30", "timezone": "Europe/Berlin"}
    put(client, categories={"calendar": {"email": False}}, quiet_hours=quiet)
    put(client, categories={"calendar": {"push": False}, "finance": {"push": False}}, max_per_day=5)

    expected = {
        "categories": {
            "calendar": {"email": False, "push": False},
            "mentorship": BOTH,
            "finance": {"email": True, "push": False},
            "security": BOTH,
        },
        "quiet_hours": quiet,
        "max_per_day": 5,
    }
    assert client.get(PREFERENCES).json() == expected
    answer = put(client, quiet_hours=None, max_per_day=None)
    assert answer.json() == {**expected, "quiet_hours": None, "max_per_day": None}
    assert other.get(PREFERENCES).json()["categories"]["calendar"] == BOTH


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"categories": {"security": {"email": False}}}, "/categories/security/email", "always_on"),
        ({"categories": {"gossip": BOTH}}, "/categories/gossip", "unknown_field"),
        ({"categories": {"finance": {"pigeon": True}}}, "/categories/finance/pigeon", "unknown_field"),
        ({"categories": {"finance": {"email": "no"}}}, "/categories/finance/email", "invalid_type"),
        ({"max_per_day": 0}, "/max_per_day", "min_value"),
        (
            {"quiet_hours": {"starts_at": "22:00", "ends_at": "07:00", "timezone": "Mars/Olympus"}},
            "/quiet_hours/timezone",
            "unknown_timezone",
        ),
        ({"quiet_hours": {"starts_at": "22:00"}}, "/quiet_hours/ends_at", "required"),
        (
            {"quiet_hours": {"starts_at": "25:00", "ends_at": "07:00", "timezone": "UTC"}},
            "/quiet_hours/starts_at",
            "invalid",
        ),
    ],
)
def test_preferences__nonsense__is_refused(client: SignedInClient, body: Any, pointer: str, code: str) -> None:
    answer = client.put(PREFERENCES, body, format="json")

    assert answer.status_code == 422
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert not Preferences.objects.exists()


def test_token__android__is_registered_at_fcm_for_this_device(client: SignedInClient, reader: User) -> None:
    answer = register(client)

    assert answer.status_code == 201
    registration = PushRegistration.objects.get()
    assert answer.json() == {
        "device_id": str(device_of(client)),
        "platform": "android",
        "created_at": registration.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert registration.fcm
    assert (registration.fcm.registration_id, registration.fcm.user_id) == (FCM, reader.id)
    assert register(client).json() == answer.json()
    assert GCMDevice.objects.count() == PushRegistration.objects.count() == 1


def test_token__ios__apple_s_or_firebase_s(sign_in: SignIn, reader: User) -> None:
    client = sign_in(reader, Audience.IOS)

    register(client, "ios", APNS)
    assert APNSDevice.objects.get().device_id == device_of(client)
    register(client, "ios", FCM)

    assert not APNSDevice.objects.exists()
    assert PushRegistration.objects.get().fcm == GCMDevice.objects.get()


def test_token__phone_that_changed_hands__is_the_new_owner_s_alone(
    client: SignedInClient, other: SignedInClient, other_freelancer: User
) -> None:
    register(client)
    register(other)

    assert PushRegistration.objects.get().user_id == GCMDevice.objects.get().user_id == other_freelancer.id


def test_token__removed__by_its_owner_alone(client: SignedInClient, other: SignedInClient) -> None:
    register(client)
    address = f"{TOKEN}/{device_of(client)}"

    assert other.delete(address).status_code == 404
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 404
    assert client.delete(f"{TOKEN}/{uuid7()}").status_code == 404
    assert not GCMDevice.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"platform": "windows", "token": FCM},
        {"platform": "android"},
        {"platform": "android", "token": "short"},
        {"platform": "android", "token": "x" * 1001},
        {"platform": "android", "token": "with a space in it"},
        {"platform": "android", "token": FCM, "user": "me"},
    ],
)
def test_token__nonsense__is_refused(client: SignedInClient, body: Any) -> None:
    assert client.post(TOKEN, body, format="json").status_code == 422
    assert not PushRegistration.objects.exists()


def test_token__signed_out__is_forgotten(client: SignedInClient, reader: User, sign_in: SignIn) -> None:
    register(client)

    sessions.sign_out(actor=client.principal)
    dispatch()

    assert not PushRegistration.objects.exists()
    assert not GCMDevice.objects.exists()


def test_token__device_removed__is_forgotten(client: SignedInClient, other: SignedInClient) -> None:
    register(client)
    register(other, token="another" + FCM)

    devices.remove(actor=client.principal, device_id=device_of(client))
    dispatch()

    assert PushRegistration.objects.get().device_id == device_of(other)
