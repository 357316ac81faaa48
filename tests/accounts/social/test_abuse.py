"""Abuse cases 20, 26 and 27: proofs that are not for us, and addresses that are not theirs."""

import base64
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
import orjson
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from django.db import transaction
from django.utils import timezone
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.models import DeviceSession, SocialIdentity, User
from accounts.selectors import find_by_email
from accounts.services import links
from accounts.services.claiming import claim_address
from accounts.services.social import coming_in
from accounts.types import Purpose
from core.testing.races import race, repeat, winners
from tests.accounts.actors import MakeUser
from tests.accounts.social.conftest import IPHONE, new_nonce, outcome, sign_in_with
from tests.fakes.https import trusting
from tests.fakes.openid import ec_key, rsa_key
from tests.fakes.providers import RETURN_ADDRESS, FakeApple, FakeFacebook, FakeGoogle

pytestmark = pytest.mark.django_db

REFUSED = (401, "invalid_social_token")
Forge = Callable[[FakeGoogle, str], str]


def come_by_google(google: FakeGoogle) -> Any:
    return sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))


def hs256_with_our_public_key(google: FakeGoogle, nonce: str) -> str:
    """The classic confusion: the provider's public key, as if it were a shared secret."""
    public: Any = google.keys[0].private.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "typ": "JWT", "kid": google.keys[0].kid}
    claims = jwt.decode(google.id_token(google.web, nonce=nonce), options={"verify_signature": False})
    signed = b".".join(base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=") for part in (header, claims))
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(signed, pem)
    return (signed + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


def unsigned(google: FakeGoogle, nonce: str) -> str:
    claims = jwt.decode(google.id_token(google.web, nonce=nonce), options={"verify_signature": False})
    return jwt.encode(claims, "", algorithm="none", headers={"kid": google.keys[0].kid})


def key_in_the_header(google: FakeGoogle, nonce: str) -> str:
    own = rsa_key()
    return google.id_token(google.web, nonce=nonce, key=own, header={"jwk": own.jwk, "jku": google.keys_url})


def tampered(google: FakeGoogle, nonce: str) -> str:
    head, body, signature = google.id_token(google.web, nonce=nonce).split(".")
    claims = orjson.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(orjson.dumps({**claims, "sub": "victim"})).decode().rstrip("=")
    return f"{head}.{forged}.{signature}"


def without_key_id(google: FakeGoogle, nonce: str) -> str:
    claims = jwt.decode(google.id_token(google.web, nonce=nonce), options={"verify_signature": False})
    return jwt.encode(claims, google.keys[0].private, algorithm="RS256")


def now() -> int:
    return int(time.time())


FORGERIES: dict[str, Forge] = {
    "of another app": lambda google, nonce: google.id_token("999-other.apps.googleusercontent.com", nonce=nonce),
    "for another platform": lambda google, nonce: google.id_token(google.ios, nonce=nonce),
    "for several clients": lambda google, nonce: google.id_token("", aud=[google.web, google.ios], nonce=nonce),
    "asked for by another app": lambda google, nonce: google.id_token(google.web, azp="999-other", nonce=nonce),
    "from another issuer": lambda google, nonce: google.id_token(google.web, iss="https://evil.example", nonce=nonce),
    "from nearly the issuer": lambda google, nonce: google.id_token(google.web, iss=google.issuer + "/", nonce=nonce),
    "without issuer": lambda google, nonce: google.id_token(google.web, iss=None, nonce=nonce),
    "expired": lambda google, nonce: google.id_token(google.web, exp=now() - 60, nonce=nonce),
    "without expiry": lambda google, nonce: google.id_token(google.web, exp=None, nonce=nonce),
    "with an odd expiry": lambda google, nonce: google.id_token(google.web, exp="tomorrow", nonce=nonce),
    "not valid yet": lambda google, nonce: google.id_token(google.web, nbf=now() + 300, nonce=nonce),
    "issued in the future": lambda google, nonce: google.id_token(google.web, iat=now() + 300, nonce=nonce),
    "without a nonce": lambda google, nonce: google.id_token(google.web),
    "with another nonce": lambda google, nonce: google.id_token(google.web, nonce="x" * 43),
    "about nobody": lambda google, nonce: google.id_token(google.web, sub=None, nonce=nonce),
    "about a number": lambda google, nonce: google.id_token(google.web, sub=7, nonce=nonce),
    "signed by us": hs256_with_our_public_key,
    "unsigned": unsigned,
    "with its own key": key_in_the_header,
    "with an unknown key": lambda google, nonce: google.id_token(google.web, key=rsa_key(), nonce=nonce),
    "without a key id": without_key_id,
    "with critical extensions": lambda google, nonce: google.id_token(
        google.web, header={"crit": ["exp"]}, nonce=nonce
    ),
    "changed afterwards": tampered,
    "no token": lambda google, nonce: "not.a.token",
    "NUL": lambda google, nonce: "\u2603.\u2603.\u2603",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_row_26__token_that_is_not_for_us__is_refused(google: FakeGoogle, forgery: str) -> None:
    nonce = new_nonce()

    response = sign_in_with("google", id_token=FORGERIES[forgery](google, nonce), nonce=nonce)

    assert outcome(response) == REFUSED
    assert response.json()["detail"].startswith("The provider's token is not valid here.")
    assert not User.objects.exists()
    assert AuditEntry.objects.get(action="login.failure").reason


def test_row_26__good_token__is_let_in_after_all_that(google: FakeGoogle) -> None:
    # what proves that the forgeries fail for the reason they are named after
    nonce = new_nonce()

    assert sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce), nonce=nonce).status_code == 200


def test_row_26__elliptic_key_of_the_provider__is_as_good(google: FakeGoogle) -> None:
    google.rotate(ec_key())
    nonce = new_nonce()

    assert sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce), nonce=nonce).status_code == 200


def test_row_26__nonce_used_before__is_refused(google: FakeGoogle) -> None:
    nonce = new_nonce()
    token = google.id_token(google.web, nonce=nonce)
    sign_in_with("google", id_token=token, nonce=nonce)

    assert outcome(sign_in_with("google", id_token=token, nonce=nonce)) == REFUSED
    assert DeviceSession.objects.count() == 1


def test_row_26__nonce_too_old__is_refused(google: FakeGoogle) -> None:
    nonce = new_nonce()
    with time_machine.travel(time.time() + 601):
        assert outcome(sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce))) == REFUSED


def test_row_26__nonce_of_a_refused_token__stays_good(google: FakeGoogle) -> None:
    # a stranger who guesses at tokens must not use up somebody's nonce
    nonce = new_nonce()
    sign_in_with("google", id_token=google.id_token("other", nonce=nonce), nonce=nonce)

    assert sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce), nonce=nonce).status_code == 200


def test_row_26__unverified_address_of_a_local_account__takes_over_nothing(
    google: FakeGoogle, make_user: MakeUser
) -> None:
    make_user(email="ada@gmail.com")
    google.person["email_verified"] = False
    nonce = new_nonce()

    response = sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce))

    assert outcome(response) == (409, "link_required")
    assert not SocialIdentity.objects.exists()
    assert not DeviceSession.objects.exists()


@pytest.mark.parametrize(
    ("claims", "is_local_verified", "expected"),
    [
        ({}, True, 200),
        ({"email": "ADA@gmail.com"}, True, 200),
        ({}, False, 409),  # whoever registered the address has never read its mail
        ({"email_verified": "false"}, True, 409),
        ({"email": "ada@googlemail.com"}, True, 200),
        ({"email": "ada@gmail.com.example"}, True, 409),
        ({"email": "ada@example.com"}, True, 409),  # verified once, but Google does not host that mailbox
        ({"email": "ada@example.com", "hd": "example.com"}, True, 200),
    ],
)
def test_row_26__address_of_a_local_account__is_linked_only_where_both_sides_know_it(
    google: FakeGoogle, make_user: MakeUser, claims: dict[str, Any], is_local_verified: bool, expected: int
) -> None:
    google.person |= claims
    user = make_user(email=google.person["email"].lower())
    User.objects.filter(id=user.id).update(email_verified_at=user.created_at if is_local_verified else None)
    nonce = new_nonce()

    response = sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce))

    assert response.status_code == expected
    assert SocialIdentity.objects.filter(user=user).exists() is (expected == 200)


def test_row_26__address_of_a_guarded_account__leaves_nothing_behind(google: FakeGoogle, make_user: MakeUser) -> None:
    # whoever holds the mailbox but not the second factor
    user = make_user(email="ada@gmail.com", email_verified_at=timezone.now(), second_factor_at=timezone.now())
    assert outcome(come_by_google(google)) == (409, "link_required")
    assert not SocialIdentity.objects.exists()
    User.objects.filter(id=user.id).update(email="ada@safe.example", second_factor_at=None)  # its owner moves on

    later = come_by_google(google)

    assert later.json()["user"]["id"] != str(user.id)
    assert not SocialIdentity.objects.of(user.id).exists()


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"email": "ada@safe.example"},
        {"is_active": False},
        {"second_factor_at": timezone.now()},
        {"email_verified_at": None},
    ],
)
def test_row_26__account_changed_while_its_address_is_looked_up__is_not_linked(
    google: FakeGoogle, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch, meanwhile: dict[str, Any]
) -> None:
    make_user(email="ada@gmail.com", email_verified_at=timezone.now())

    def find_and_change(email: str) -> User | None:
        found = find_by_email(email)
        User.objects.update(**meanwhile)
        return found

    monkeypatch.setattr(coming_in, "find_by_email", find_and_change)

    assert outcome(come_by_google(google)) == (409, "link_required")
    assert not SocialIdentity.objects.exists()


def test_row_26__account_opened_by_google_under_anothers_address__is_lost_to_whom_reads_its_mail(
    google: FakeGoogle,
) -> None:
    # Google has asked for this mailbox once, but does not host it; it may have another owner by now
    google.person |= {"sub": "intruder", "email": "victim@corp.example", "email_verified": True}
    assert come_by_google(google).json()["user"]["is_email_verified"] is False
    owner = User.objects.get()

    with transaction.atomic():
        claim_address(User.objects.select_for_update().get())  # as signing in by mail does

    assert outcome(come_by_google(google)) == (409, "link_required")
    assert not SocialIdentity.objects.of(owner.id).exists()
    assert not DeviceSession.objects.live().exists()


def test_row_26__facebook_address_of_a_local_account__is_never_linked(
    facebook: FakeFacebook, make_user: MakeUser
) -> None:
    user = make_user(email=facebook.person["email"])
    User.objects.filter(id=user.id).update(email_verified_at=user.created_at)

    assert outcome(sign_in_with("facebook", access_token=facebook.access_token())) == (409, "link_required")


def test_row_26__account_opened_under_anothers_address__is_lost_to_whom_reads_its_mail(
    facebook: FakeFacebook,
) -> None:
    # pre-hijacking: the intruder comes first, and waits for the owner of the address
    assert sign_in_with("facebook", access_token=facebook.access_token()).status_code == 200
    owner = User.objects.get()
    token = links._issue(owner, Purpose.RESET_PASSWORD)

    links.reset_password(token=token, new_password="another-Long-9-words")

    assert outcome(sign_in_with("facebook", access_token=facebook.access_token())) == (409, "link_required")
    assert not SocialIdentity.objects.of(owner.id).exists()
    assert not DeviceSession.objects.live().exists()


def test_reset__of_a_confirmed_address__leaves_identities(google: FakeGoogle) -> None:
    sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))
    token = links._issue(User.objects.get(), Purpose.RESET_PASSWORD)

    links.reset_password(token=token, new_password="another-Long-9-words")

    assert sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce())).status_code == 200


@pytest.mark.parametrize(
    "told",
    [{"app_id": "999"}, {"is_valid": False}, {"user_id": "somebody else"}, {"type": "PAGE"}, {"app_id": None}],
)
def test_row_26__facebook_access_token_of_another_app_or_person__is_refused(
    facebook: FakeFacebook, told: dict[str, Any]
) -> None:
    response = sign_in_with("facebook", access_token=facebook.access_token(**told))

    assert outcome(response) == REFUSED


def test_row_26__facebook_access_token_made_up__is_refused(facebook: FakeFacebook) -> None:
    assert outcome(sign_in_with("facebook", access_token="EAAmadeup")) == REFUSED


def test_row_26__identity_of_another_provider__is_somebody_else(google: FakeGoogle, facebook: FakeFacebook) -> None:
    nonce = new_nonce()
    google.person["sub"] = facebook.person["sub"]
    sign_in_with("google", id_token=google.id_token(google.web, nonce=nonce))

    sign_in_with("facebook", access_token=facebook.access_token())

    assert User.objects.count() == 2


@pytest.mark.parametrize("path", ["authorization_code", "access_token"])
def test_row_27__proof_of_another_kind__is_refused(google: FakeGoogle, path: str) -> None:
    body = {"id_token": "x.y.z", path: "something"} if path == "authorization_code" else {path: "something"}

    response = sign_in_with("google", **body)

    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [f"/{path}"]


@pytest.mark.parametrize("code", ["made up", "of the web client", "of somebody else", "used before", "too old"])
def test_row_27__authorization_code__must_be_of_this_sign_in(apple: FakeApple, code: str) -> None:
    codes = {
        "made up": "c0de",
        "of the web client": apple.grant_code(apple.web),
        "used before": apple.grant_code(apple.ios),
        "too old": apple.grant_code(apple.ios),
    }
    apple.person, me = {**apple.person, "sub": "somebody else"}, apple.person
    codes["of somebody else"] = apple.grant_code(apple.ios)
    apple.person = me
    if code == "used before":
        sign_in_with("apple", id_token=apple.id_token(apple.ios, nonce=new_nonce()), device=IPHONE,
                     authorization_code=codes[code])  # fmt: skip
    ahead = 301 if code == "too old" else 0
    with time_machine.travel(time.time() + ahead):
        nonce = new_nonce()
        response = sign_in_with("apple", id_token=apple.id_token(apple.ios, nonce=nonce), device=IPHONE,
                                authorization_code=codes[code])  # fmt: skip

    assert outcome(response) == REFUSED
    if code == "used before":
        assert apple.refresh_tokens == set()  # the provider takes back what the code once gave


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"redirect_uri": "https://app.gigvora.com.evil.example/signed-in"}, 400),
        ({"redirect_uri": "https://app.gigvora.com/signed-in/"}, 400),
        ({"client_id": "somebody"}, 400),
        ({"code_challenge": "abc", "code_challenge_method": "plain"}, 302),
        ({"response_type": "token"}, 302),
    ],
)
def test_row_27__stand_in__refuses_what_a_real_provider_refuses(
    google: FakeGoogle, changes: dict[str, str], status: int
) -> None:
    asked = {"client_id": google.web, "redirect_uri": RETURN_ADDRESS, "response_type": "code", "state": "s", **changes}

    with httpx.Client(verify=trusting()) as browser:
        answer = browser.get(google.issuer + google.authorize_path, params=asked)

    assert answer.status_code == status
    assert "error=invalid_request" in answer.headers.get("Location", "error=invalid_request")


@pytest.mark.django_db(transaction=True)
def test_race__one_person_first_comes_from_six_devices_at_once__is_one_account(google: FakeGoogle) -> None:
    tokens = iter([google.id_token(google.web, nonce=new_nonce()) for _ in range(6)])
    sign_in_with("google", id_token="x.y.z")  # the libraries are loaded

    answers = winners(race(*repeat(lambda: sign_in_with("google", id_token=next(tokens)), 6)))

    assert [answer.status_code for answer in answers] == [200] * 6
    assert User.objects.count() == SocialIdentity.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_race__one_proof_sent_six_times_at_once__counts_once(google: FakeGoogle) -> None:
    body = {"id_token": google.id_token(google.web, nonce=new_nonce())}
    sign_in_with("google", id_token="x.y.z")

    answers = winners(race(*repeat(lambda: sign_in_with("google", **body), 6)))

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]


def test_row_20__host_of_the_request__is_no_part_of_addresses_given_out(facebook: FakeFacebook) -> None:
    answer = APIClient().post(
        "/v1/auth/social/facebook/deletion",
        urlencode({"signed_request": facebook.signed_request()}),
        content_type="application/x-www-form-urlencoded",
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )

    assert answer.json()["url"].startswith("http://localhost:8000/v1/auth/social/facebook/deletion/")
