"""The second factor of staff: at the staff site's own door, and at that of staff clients."""

import time
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.attempts import FREE_ATTEMPTS
from accounts.models import User
from accounts.services import closing, links, sessions
from accounts.types import Purpose
from tests.accounts.actors import PASSWORD, SignIn
from tests.accounts.guarded import Guarded
from tests.accounts.test_links import mailed_token

pytestmark = pytest.mark.django_db

SITE = f"/{settings.STAFF_PATH}login/"
API = f"/{settings.STAFF_PATH}api/auth/login"
INDEX = f"/{settings.STAFF_PATH}"


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def lena(guarded: Guarded) -> Guarded:
    """Somebody of the staff, with an authenticator app."""
    User.objects.filter(id=guarded.user.id).update(is_staff=True)
    guarded.user.refresh_from_db()
    return guarded


def enter(user: User, code: str = "", password: str = PASSWORD, network: str = "127.0.0.1") -> Any:
    body = {"username": user.email, "password": password, "code": code}
    return Client(REMOTE_ADDR=network).post(SITE, body)


def errors_of(response: Any) -> list[str]:
    assert response.status_code == 200
    return list(response.context["form"].non_field_errors())


def next_code(guarded: Guarded) -> str:
    return guarded.app.at(int(time.time()) + 30)


def test_site__password_and_code__let_in(lena: Guarded) -> None:
    assert enter(lena.user, next_code(lena)).status_code == 302


def test_site__recovery_code__lets_in_once(lena: Guarded) -> None:
    code = lena.codes.pop()

    assert enter(lena.user, code).status_code == 302
    assert enter(lena.user, code).status_code == 200


@pytest.mark.parametrize(("code", "message"), [("", "authenticator app shows"), ("000000", "code")])
def test_site__no_code_or_a_wrong_one__stays_outside_on_record(lena: Guarded, code: str, message: str) -> None:
    response = enter(lena.user, code)

    assert response.status_code == 200
    assert message in response.content.decode()
    assert AuditEntry.objects.filter(action="login.failure", target_id=str(lena.user.id)).count() == 1


def test_site__same_code_twice__lets_in_once(lena: Guarded) -> None:
    code = next_code(lena)

    assert [enter(lena.user, code).status_code for _ in range(2)] == [302, 200]


def test_site__wrong_password__spends_no_code(lena: Guarded) -> None:
    code = next_code(lena)

    assert enter(lena.user, code, "wrong").status_code == 200
    assert enter(lena.user, code).status_code == 302


def test_staff_without_a_factor__where_they_must_have_one__stay_outside(support: User, settings: Settings) -> None:
    assert enter(support).status_code == 302
    settings.STAFF_NEEDS_SECOND_FACTOR = True

    refused = enter(support)
    by_api = APIClient().post(API, {"email": support.email, "password": PASSWORD}, format="json")

    assert refused.status_code == 200
    assert "Staff must add a second factor" in refused.content.decode()
    assert (by_api.status_code, by_api.json()["code"]) == (409, "second_factor_missing")


def test_staff_client__with_a_factor__gets_the_admin_audience_by_both(lena: Guarded, settings: Settings) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    asked = APIClient().post(API, {"email": lena.user.email, "password": PASSWORD}, format="json")
    assert (asked.status_code, asked.json()["code"]) == (403, "second_factor_required")

    body = {"challenge": asked.json()["challenge"]["id"], "code": next_code(lena), "method": "otp"}
    answer = APIClient().post("/v1/auth/second-factor/verify", body, format="json")

    assert (answer.status_code, answer.json()["expires_in"]) == (200, 300)


def test_site__signed_out_everywhere__ends_its_cookie(lena: Guarded) -> None:
    browser = Client()
    browser.post(SITE, {"username": lena.user.email, "password": PASSWORD, "code": next_code(lena)})
    assert browser.get(INDEX).status_code == 200

    sessions.put_out(actor=lena.user.id, user_id=lena.user.id, reason="lost laptop")

    assert browser.get(INDEX).status_code == 302


@pytest.mark.parametrize("way", ["logged out everywhere", "account closed", "password reset"])
def test_site__owner_started_over__ends_its_cookie(support: User, sign_in: SignIn, way: str) -> None:
    browser, client = Client(), sign_in(support)
    browser.post(SITE, {"username": support.email, "password": PASSWORD})
    assert browser.get(INDEX).status_code == 200

    if way == "logged out everywhere":
        assert client.post("/v1/auth/logout", {"everywhere": True}, format="json").status_code == 200
    elif way == "account closed":
        closing.close(user_id=support.id)
    else:
        token = mailed_token(support, Purpose.RESET_PASSWORD)
        links.reset_password(token=token, new_password="another horse battery")

    assert browser.get(INDEX).status_code == 302


def test_site__app_signed_in_and_out__keeps_its_cookie(support: User, sign_in: SignIn) -> None:
    browser = Client()
    browser.post(SITE, {"username": support.email, "password": PASSWORD})

    assert sign_in(support).post("/v1/auth/logout", {}, format="json").status_code == 200

    assert browser.get(INDEX).status_code == 200


def test_site__signed_in_elsewhere__keeps_its_cookie(lena: Guarded) -> None:
    browser = Client()
    browser.post(SITE, {"username": lena.user.email, "password": PASSWORD, "code": lena.codes.pop()})

    assert enter(lena.user, lena.codes.pop()).status_code == 302
    assert browser.get(INDEX).status_code == 200


def test_site__key_of_cookies_replaced__keeps_them_and_still_ends_them(lena: Guarded, settings: Settings) -> None:
    browser = Client()
    browser.post(SITE, {"username": lena.user.email, "password": PASSWORD, "code": next_code(lena)})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [settings.SECRET_KEY]
    hashes = list(lena.user.get_session_auth_fallback_hash())
    assert browser.session["_auth_user_hash"] in hashes

    lena.user.security_version += 1
    assert browser.session["_auth_user_hash"] not in list(lena.user.get_session_auth_fallback_hash())


def test_site__guessed_from_one_network__waits_also_with_the_right_password(support: User) -> None:
    for _ in range(FREE_ATTEMPTS + 1):
        assert enter(support, password="wrong").status_code == 200

    refused = enter(support)

    assert refused.status_code == 200
    assert "Too many attempts" in refused.content.decode()
    assert APIClient().post(API, {"email": support.email, "password": PASSWORD}, format="json").status_code == 429


def test_site__guessed_at_nobody__looks_as_guessed_at_somebody(support: User) -> None:
    shown = [
        [errors_of(enter(User(email=email), password="wrong", network=network)) for _ in range(FREE_ATTEMPTS + 2)]
        for email, network in ((support.email, "203.0.113.1"), ("nobody@example.com", "203.0.113.2"))
    ]

    assert shown[0] == shown[1]
    assert "Too many attempts" in str(shown[1][-1])


def test_site__codes_guessed__waits_from_every_network(lena: Guarded) -> None:
    for number in range(FREE_ATTEMPTS + 1):
        enter(lena.user, "000000", network=f"203.0.113.{number}")

    assert "Too many attempts" in str(errors_of(enter(lena.user, next_code(lena), network="203.0.113.99")))


def test_site__right_password__forgets_the_wrong_ones(support: User) -> None:
    for _ in range(3):
        for _ in range(2):
            enter(support, password="wrong")
        assert enter(support).status_code == 302
