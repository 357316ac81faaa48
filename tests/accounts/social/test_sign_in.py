"""Signing in with each provider, as its library hands proofs to an app."""

import hashlib
import time

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.models import SocialIdentity, User
from events.models import OutboxEvent
from events.services import dispatch
from tests.accounts.social.conftest import IPHONE, new_nonce, outcome, sign_in_with
from tests.fakes.providers import FakeApple, FakeFacebook, FakeGoogle

pytestmark = pytest.mark.django_db


def published() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


def test_nonce__asked_for__is_new_each_time() -> None:
    first, second = APIClient().post("/v1/auth/social/nonce"), APIClient().post("/api/auth/social/nonce")

    assert set(first.json()) == {"nonce", "expires_at"}
    assert set(second.json()) == {"nonce", "expiresAt"}
    assert first.json()["nonce"] != second.json()["nonce"]
    assert first.headers["Cache-Control"] == "no-store"


def test_apple__first_time__opens_an_account_and_keeps_a_sealed_token(apple: FakeApple) -> None:
    apple.person = {"sub": "001.abc", "email": "x1y2@privaterelay.appleid.com", "email_verified": "true",
                    "is_private_email": "true"}  # fmt: skip
    nonce = new_nonce()
    hashed = hashlib.sha256(nonce.encode()).hexdigest()
    body = {
        "id_token": apple.id_token(apple.ios, nonce=hashed),
        "nonce": nonce,
        "authorization_code": apple.grant_code(apple.ios),
        "full_name": "Ada Lovelace",
        "device": IPHONE,
    }

    response = sign_in_with("apple", **body)

    answer = response.json()
    assert response.status_code == 200, answer
    assert set(answer) == {
        "access_token", "refresh_token", "token_type", "expires_in", "refresh_expires_in", "scope", "user", "device",
    }  # fmt: skip
    assert (answer["user"]["email"], answer["user"]["full_name"]) == ("x1y2@privaterelay.appleid.com", "Ada Lovelace")
    assert answer["user"]["is_email_verified"] is True
    assert answer["user"]["roles"] == ["freelancer"]
    assert answer["device"]["platform"] == "ios"
    identity = SocialIdentity.objects.get()
    assert (identity.provider, identity.subject, identity.client_id) == ("apple", "001.abc", apple.ios)
    [granted] = apple.refresh_tokens
    assert granted.encode() not in bytes(identity.refresh_token or b"")
    assert not User.objects.get().has_usable_password()
    assert published() == ["access.role.granted", "freelancer.registered", "freelancer.verified"]
    assert list(AuditEntry.objects.filter(action__in=["identity.linked", "login.success"]).values_list("action")) == [
        ("identity.linked",), ("login.success",),
    ]  # fmt: skip


def test_apple__next_time__is_the_same_person_whatever_the_address(apple: FakeApple) -> None:
    first = new_nonce()
    once = sign_in_with("apple", id_token=apple.id_token(apple.ios, nonce=first), device=IPHONE,
                        authorization_code=apple.grant_code(apple.ios)).json()  # fmt: skip
    kept = SocialIdentity.objects.get()
    with time_machine.travel(time.time() + 1):  # in whole seconds of Apple's
        second = new_nonce()
        again = sign_in_with(
            "apple", id_token=apple.id_token(apple.ios, nonce=second, email=None, email_verified=None),
            full_name="Somebody Else", device=IPHONE,
        ).json()  # fmt: skip

    assert again["user"]["id"] == once["user"]["id"]
    assert again["user"]["full_name"] == ""
    identity = SocialIdentity.objects.get()
    assert (identity.email, identity.is_email_verified) == (kept.email, True)
    assert identity.refresh_token == kept.refresh_token
    assert identity.last_used_at > kept.last_used_at


def test_google__first_time__opens_an_account(google: FakeGoogle) -> None:
    nonce = new_nonce()
    google.person |= {"name": "Ada Lovelace"}

    answer = sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce), nonce=nonce).json()

    assert (answer["user"]["email"], answer["user"]["full_name"]) == ("ada@gmail.com", "Ada Lovelace")
    assert answer["user"]["is_email_verified"] is True


@pytest.mark.django_db(transaction=True)
def test_google__mailbox_of_another_host__opens_an_account_with_an_address_to_confirm(google: FakeGoogle) -> None:
    google.person |= {"email": "ada@example.com", "email_verified": True}

    answer = sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce())).json()

    assert (answer["user"]["email"], answer["user"]["is_email_verified"]) == ("ada@example.com", False)
    assert published() == ["access.role.granted", "freelancer.registered"]
    dispatch()
    assert [message.to for message in mail.outbox if "/v1/auth/verify-email/" in message.body] == [["ada@example.com"]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hosted", [{"email": "ada@googlemail.com"}, {"email": "ada@example.com", "hd": "example.com"}])
def test_google__mailbox_of_its_own__needs_no_confirming(google: FakeGoogle, hosted: dict[str, str]) -> None:
    google.person |= {**hosted, "email_verified": True}

    answer = sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce())).json()

    assert answer["user"]["is_email_verified"] is True
    dispatch()
    assert not [message for message in mail.outbox if "/v1/auth/verify-email/" in message.body]


def test_google__android_app__holds_a_token_for_the_web_client(google: FakeGoogle) -> None:
    nonce = new_nonce()
    token = google.id_token(google.web, azp=google.android, nonce=nonce)

    assert (
        sign_in_with("google", id_token=token, nonce=nonce, device={"platform": "android", "name": "Pixel"}).status_code
        == 200
    )


def test_google__issuer_without_scheme__is_google_as_well(google: FakeGoogle) -> None:
    nonce = new_nonce()
    token = google.id_token(google.web, iss=google.issuer.removeprefix("https://"), nonce=nonce)

    assert sign_in_with("google", id_token=token, nonce=nonce).status_code == 200


def test_facebook__limited_login__opens_an_account_with_an_address_to_confirm(facebook: FakeFacebook) -> None:
    nonce = new_nonce()
    token = facebook.id_token(facebook.app_id, nonce=nonce)

    answer = sign_in_with("facebook", id_token=token, nonce=nonce, device=IPHONE).json()

    assert (answer["user"]["email"], answer["user"]["is_email_verified"]) == ("ada@example.com", False)
    assert published() == ["access.role.granted", "freelancer.registered"]


def test_facebook__classic_login__is_the_same_person(facebook: FakeFacebook) -> None:
    nonce = new_nonce()
    limited = sign_in_with("facebook", id_token=facebook.id_token(facebook.app_id, nonce=nonce), nonce=nonce).json()

    classic = sign_in_with("facebook", access_token=facebook.access_token())

    assert classic.status_code == 200, classic.content
    assert classic.json()["user"]["id"] == limited["user"]["id"]
    assert [request.path for request in facebook.server.requests[-2:]] == ["/v23.0/debug_token", "/v23.0/me"]


def test_stranger__without_an_address__is_asked_for_one(facebook: FakeFacebook) -> None:
    del facebook.person["email"]

    response = sign_in_with("facebook", access_token=facebook.access_token())

    assert outcome(response) == (409, "email_required")
    assert not User.objects.exists()


def test_camel_case__on_the_shared_contract__works(google: FakeGoogle) -> None:
    nonce = new_nonce()
    body = {"idToken": google.id_token(google.web, nonce=nonce), "nonce": nonce, "fullName": "Ada"}

    answer = APIClient().post("/api/auth/social/google", body, format="json").json()

    assert answer["user"]["fullName"] == "Ada"
    assert "accessToken" in answer


@pytest.mark.parametrize("provider", ["apple", "google", "facebook"])
def test_provider__not_configured__is_said_so(provider: str) -> None:
    response = sign_in_with(provider, id_token="x.y.z")

    body = response.json()
    assert body.pop("trace_id")
    assert body == {
        "type": "https://docs.gigvora.com/problems/provider_not_configured",
        "title": "Not Found",
        "status": 404,
        "detail": "Signing in with this provider is not offered here.",
        "instance": f"/v1/auth/social/{provider}",
        "code": "provider_not_configured",
        "message": "Signing in with this provider is not offered here.",
    }


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/id_token"]),
        ({"id_token": "x", "access_token": "y"}, ["/id_token"]),
        ({"access_token": "y"}, ["/access_token"]),
        ({"id_token": "x" * 8193}, ["/id_token"]),
        ({"id_token": "x", "is_staff": True}, ["/is_staff"]),
    ],
)
def test_body__not_as_agreed__is_refused(google: FakeGoogle, body: dict[str, object], pointers: list[str]) -> None:
    response = sign_in_with("google", **body)

    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == pointers


def test_second_factor__held__is_asked_for_after_a_provider_too(google: FakeGoogle) -> None:
    nonce = new_nonce()
    sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce))
    User.objects.update(second_factor_at=timezone.now())
    nonce = new_nonce()

    response = sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce))

    assert outcome(response) == (403, "second_factor_required")
    assert response.json()["challenge"]["methods"] == ["otp", "recovery"]


def test_closed_account__comes_with_its_identity__is_not_let_in(google: FakeGoogle) -> None:
    nonce = new_nonce()
    sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce))
    User.objects.update(is_active=False)
    nonce = new_nonce()

    response = sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce))

    assert outcome(response) == (401, "invalid_credentials")


def test_proof__made_before_the_last_one__does_not_turn_back_when_they_were_seen(google: FakeGoogle) -> None:
    # what its provider tells us is compared with that moment
    sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))
    last = SocialIdentity.objects.get().last_used_at
    older = google.id_token(google.web, nonce=new_nonce(), iat=int(time.time()) - 300)

    assert sign_in_with("google", id_token=older).status_code == 200

    assert SocialIdentity.objects.get().last_used_at == last
