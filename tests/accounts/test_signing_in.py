from unittest.mock import ANY

import pytest
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.models import DeviceSession, User
from tests.accounts.actors import PASSWORD, SignIn

pytestmark = pytest.mark.django_db


def test_register__new_address__answers_tokens(api: APIClient) -> None:
    body = {
        "email": "Ada@Example.com",
        "password": "quite-Long-9-words",
        "device": {"platform": "ios", "name": "Ada's"},
    }

    response = api.post("/v1/auth/register", body, format="json")

    assert response.status_code == 201, response.json()
    assert response.headers["Cache-Control"] == "no-store"
    user = User.objects.get()
    device = user.devices.get()
    assert response.json() == {
        "access_token": ANY,
        "refresh_token": ANY,
        "token_type": "bearer",
        "expires_in": 600,
        "refresh_expires_in": 7 * 86400,
        "scope": ANY,
        "user": {
            "id": str(user.id),
            "email": "ada@example.com",
            "full_name": "",
            "phone": "",
            "is_email_verified": False,
            "locale": "en",
            "timezone": "UTC",
            "roles": ["freelancer"],
            "scopes": response.json()["scope"].split(),
            "workspace": {"id": ANY, "name": "My workspace", "currency": "USD", "role": "owner"},
            "created_at": ANY,
            "updated_at": ANY,
        },
        "device": {
            "id": str(device.id),
            "platform": "ios",
            "name": "Ada's",
            "model": "",
            "os_version": "",
            "app_version": "",
            "assurance": "none",
            "last_seen_at": ANY,
            "created_at": ANY,
        },
    }


def test_login__shared_contract__speaks_camel_case(api: APIClient, freelancer: User) -> None:
    response = api.post("/api/auth/login", {"email": freelancer.email, "password": PASSWORD}, format="json")

    assert response.status_code == 200
    assert set(response.json()) == {
        "accessToken", "refreshToken", "tokenType", "expiresIn", "refreshExpiresIn", "scope", "user", "device",
    }  # fmt: skip
    assert response.json()["user"]["isEmailVerified"] is False


def test_refresh__current_token__rotates(api: APIClient, freelancer: User, sign_in: SignIn) -> None:
    tokens = sign_in(freelancer).signed_in.tokens

    response = api.post("/v1/auth/refresh", {"refresh_token": tokens.refresh_token}, format="json")

    assert response.status_code == 200
    assert response.json()["refresh_token"] != tokens.refresh_token
    assert DeviceSession.objects.get().counter == 1


@pytest.mark.django_db(transaction=True)
def test_logout__here__ends_this_session_alone(freelancer: User, sign_in: SignIn) -> None:
    here, there = sign_in(freelancer), sign_in(freelancer)

    response = here.post("/v1/auth/logout", {}, format="json")

    assert (response.status_code, response.json()) == (200, {"message": "Signed out."})
    assert here.get("/v1/auth/me").status_code == 401
    assert there.get("/v1/auth/me").status_code == 200


@pytest.mark.parametrize(
    ("platform", "channel"), [("android", "mobile-android"), ("ios", "mobile-ios"), ("web", "web")]
)
def test_login__refused_or_from_a_new_device__is_on_record_under_the_channel_of_the_device(
    api: APIClient, freelancer: User, platform: str, channel: str
) -> None:
    body = {"email": freelancer.email, "password": PASSWORD, "device": {"platform": platform, "name": "New"}}
    assert api.post("/v1/auth/login", {**body, "password": "wrong" + PASSWORD}, format="json").status_code == 401
    assert api.post("/v1/auth/login", body, format="json").status_code == 200

    recorded = AuditEntry.objects.filter(action__in=("login.failure", "device.added", "login.success"))
    assert sorted(recorded.values_list("action", "channel")) == [
        ("device.added", channel),
        ("login.failure", channel),
        ("login.success", channel),
    ]
