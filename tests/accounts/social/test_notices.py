"""What providers tell us: Apple's server-to-server notifications, Facebook's callbacks (C2, C3, C6)."""

import re
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core import mail
from rest_framework.test import APIClient

from accounts.models import DeviceSession, ProviderNotice, SocialIdentity, User
from accounts.privacy import take_back_permissions
from accounts.services import links
from accounts.services.housekeeping import clear_away
from accounts.services.social import identities
from accounts.types import Purpose
from core.outbound import Unreachable
from events.models import OutboxEvent
from events.services import dispatch
from privacy.selectors import find_deletion
from tests.accounts.actors import MakeUser, SignIn
from tests.accounts.social.conftest import IPHONE, new_nonce, outcome, sign_in_with
from tests.fakes.https import Reply
from tests.fakes.openid import rsa_key
from tests.fakes.providers import FakeApple, FakeFacebook

pytestmark = pytest.mark.django_db

REFUSED = (401, "invalid_social_token")


def come_in(apple: FakeApple) -> Any:
    response = sign_in_with(
        "apple",
        id_token=apple.id_token(apple.ios, nonce=new_nonce()),
        authorization_code=apple.grant_code(apple.ios),
        device=IPHONE,
    )
    assert response.status_code == 200, response.content
    OutboxEvent.objects.all().delete()
    return response.json()


def tell(payload: str) -> Any:
    return APIClient().post("/v1/auth/social/apple/events", {"payload": payload}, format="json")


def call_back(what: str, signed_request: str) -> Any:
    body = urlencode({"signed_request": signed_request})
    address = f"/v1/auth/social/facebook/{what}"
    return APIClient().post(address, body, content_type="application/x-www-form-urlencoded")


def me(tokens: Any) -> int:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    return client.get("/v1/auth/me").status_code


def published() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


def test_c2__account_erased__its_permission_is_taken_back_at_apple(apple: FakeApple) -> None:
    tokens = come_in(apple)
    user = User.objects.get(id=tokens["user"]["id"])
    [granted] = apple.refresh_tokens

    first, again = take_back_permissions(user.id), take_back_permissions(user.id)

    assert (first.outcome, again.outcome) == ("revoked", "nothing")
    assert apple.revoked == [granted]
    assert apple.refresh_tokens == set()


def test_c2__apple_is_away__says_so_and_can_be_tried_again(apple: FakeApple) -> None:
    user = User.objects.get(id=come_in(apple)["user"]["id"])
    apple.server.fault = Reply(503)
    with pytest.raises(Unreachable):
        take_back_permissions(user.id)
    apple.server.recover()

    assert take_back_permissions(user.id).outcome == "revoked"


@pytest.mark.django_db(transaction=True)
def test_c2__identity_removed_by_its_owner__apple_is_told_and_the_row_goes(
    apple: FakeApple, make_user: MakeUser, sign_in: SignIn
) -> None:
    client = sign_in(make_user())
    body = {
        "provider": "apple",
        "id_token": apple.id_token(apple.web, nonce=new_nonce()),
        "authorization_code": apple.grant_code(apple.web, redirect_uri="https://app.gigvora.com/signed-in"),
    }
    linked = client.post("/v1/auth/social/identities", body, format="json")
    assert linked.status_code == 201, linked.content
    identity = SocialIdentity.objects.get()

    assert client.delete(f"/v1/auth/social/identities/{identity.id}").status_code == 204

    assert not SocialIdentity.objects.of(identity.user_id).exists()
    apple.server.fault = Reply(503)
    dispatch()
    assert SocialIdentity.objects.get().revoked_at is not None  # it waits for Apple to take note
    apple.server.recover()
    identities.finish_unlinking(identity_id=identity.id)
    identities.finish_unlinking(identity_id=identity.id)
    assert len(apple.revoked) == 1
    assert not SocialIdentity.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_code", [True, False])
def test_c2__identity_linked_again_before_apple_is_told__keeps_its_permission(
    apple: FakeApple, make_user: MakeUser, sign_in: SignIn, has_code: bool
) -> None:
    client = sign_in(make_user())

    def link(**more: Any) -> str:
        body = {"provider": "apple", "id_token": apple.id_token(apple.web, nonce=new_nonce()), **more}
        linked = client.post("/v1/auth/social/identities", body, format="json")
        assert linked.status_code == 201, linked.content
        return str(linked.json()["id"])

    def code() -> dict[str, str]:
        return {"authorization_code": apple.grant_code(apple.web, redirect_uri="https://app.gigvora.com/signed-in")}

    first = link(**code())
    assert client.delete(f"/v1/auth/social/identities/{first}").status_code == 204
    second = link(**(code() if has_code else {}))

    dispatch()

    assert apple.revoked == []
    assert str(SocialIdentity.objects.get().id) == second
    assert client.delete(f"/v1/auth/social/identities/{second}").status_code == 204
    dispatch()
    assert len(apple.revoked) == 1  # the new token, or where the second link brought none, the first one's
    assert not SocialIdentity.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_c3__consent_revoked__unlinks_and_ends_sessions(apple: FakeApple) -> None:
    tokens = come_in(apple)
    assert me(tokens) == 200

    response = tell(apple.notice("consent-revoked"))

    assert (response.status_code, response.json()) == (200, {"message": "Taken note of."})
    assert me(tokens) == 401
    assert DeviceSession.objects.get().revoked_reason == "unlinked"
    assert not SocialIdentity.objects.exists()
    assert published() == ["account.session.ended", "account.identity.unlinked"]
    assert User.objects.filter(is_active=True).exists()


def test_c3__consent_revoked__leaves_sessions_that_began_otherwise(apple: FakeApple, sign_in: SignIn) -> None:
    tokens = come_in(apple)
    other = sign_in(User.objects.get(id=tokens["user"]["id"]))

    tell(apple.notice("consent-revoked"))

    assert other.get("/v1/auth/me").status_code == 200


@pytest.mark.parametrize("kind", ["account-delete", "account-deleted"])
def test_c3__account_deleted__asks_for_deletion_here_too(apple: FakeApple, kind: str) -> None:
    tokens = come_in(apple)

    assert tell(apple.notice(kind)).status_code == 200

    event = OutboxEvent.objects.get(name="account.deletion.requested")
    assert (str(event.aggregate_id), event.payload) == (tokens["user"]["id"], {"origin": "apple"})


def test_c3__mail_switched_off_and_on__is_kept_to(apple: FakeApple) -> None:
    tokens = come_in(apple)
    user = User.objects.get(id=tokens["user"]["id"])

    tell(apple.notice("email-disabled"))
    links.mail_link(purpose=Purpose.RESET_PASSWORD, user_id=user.id)
    assert mail.outbox == []

    tell(apple.notice("email-enabled"))
    links.mail_link(purpose=Purpose.RESET_PASSWORD, user_id=user.id)
    assert [message.to for message in mail.outbox] == [[user.email]]


def test_c3__same_notice_twice__counts_once(apple: FakeApple) -> None:
    come_in(apple)
    notice = apple.notice("email-disabled")
    tell(notice)
    tell(apple.notice("email-enabled"))

    assert tell(notice).status_code == 200
    assert SocialIdentity.objects.get().mail_stopped_at is None


def test_c3__unknown_kind_or_person__is_well_received(apple: FakeApple) -> None:
    assert tell(apple.notice("something-new")).status_code == 200
    assert tell(apple.notice("consent-revoked", client_id=apple.web)).status_code == 200


@pytest.mark.parametrize(
    "forgery", ["another app", "another issuer", "unknown key", "expired", "no event", "odd event", "no id", "nothing"]
)
def test_c3__notice_that_is_not_apples__changes_nothing(apple: FakeApple, forgery: str) -> None:
    tokens = come_in(apple)
    forged = {
        "another app": apple.notice("consent-revoked", client_id="com.example.other"),
        "another issuer": apple.notice("consent-revoked", iss="https://evil.example"),
        "unknown key": apple.notice("consent-revoked", key=rsa_key()),
        "expired": apple.notice("consent-revoked", exp=int(time.time()) - 60),
        "no event": apple.id_token(apple.ios),
        "odd event": apple.notice("consent-revoked", events="[1]"),
        "no id": apple.notice("consent-revoked", jti=None),
        "nothing": "",
    }

    assert outcome(tell(forged[forgery])) == REFUSED
    assert me(tokens) == 200


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"{}", b'{"payload": 7}', b'{"payload": {"a": 1}, "more": true}'])
def test_c3__body_of_another_shape__is_refused(apple: FakeApple, body: bytes) -> None:
    response = APIClient().post("/v1/auth/social/apple/events", body, content_type="application/json")

    assert outcome(response) == REFUSED


def test_c6__deletion_asked_for_at_facebook__is_done_and_can_be_looked_up(facebook: FakeFacebook) -> None:
    tokens = sign_in_with("facebook", access_token=facebook.access_token()).json()

    response = call_back("deletion", facebook.signed_request())

    receipt = response.json()
    assert (response.status_code, set(receipt)) == (200, {"url", "confirmation_code"})
    assert me(tokens) == 401
    assert not SocialIdentity.objects.exists()
    assert OutboxEvent.objects.get(name="account.deletion.requested").payload == {"origin": "facebook"}
    page = APIClient().get(receipt["url"].removeprefix("http://localhost:8000"))
    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/html")
    assert page["Cache-Control"] == "no-store"
    assert re.search(r"was deleted on \d+ \w+ \d{4}", page.content.decode())
    assert receipt["confirmation_code"] not in str(ProviderNotice.objects.values())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("told_twice", [False, True])
def test_c6__deletion_asked_for_at_facebook__is_planned_for_the_account(
    facebook: FakeFacebook, told_twice: bool
) -> None:
    sign_in_with("facebook", access_token=facebook.access_token())
    for _ in range(2 if told_twice else 1):
        call_back("deletion", facebook.signed_request())

    dispatch()
    dispatch()

    deletion = find_deletion(User.objects.get().id)
    assert deletion is not None
    assert deletion.status == "scheduled"
    assert [message.subject for message in mail.outbox if "delet" in message.subject.lower()] != []


def test_c6__deletion_of_a_stranger__is_answered_alike(facebook: FakeFacebook) -> None:
    response = call_back("deletion", facebook.signed_request(user_id="777"))

    assert (response.status_code, set(response.json())) == (200, {"url", "confirmation_code"})


def test_c6__code_made_up__is_not_found() -> None:
    page = APIClient().get("/v1/auth/social/facebook/deletion/made-up")

    assert page.status_code == 404
    assert "There is no deletion with this code." in page.content.decode()


def test_c6__app_removed_at_facebook__unlinks(facebook: FakeFacebook) -> None:
    tokens = sign_in_with("facebook", access_token=facebook.access_token()).json()

    assert call_back("deauthorize", facebook.signed_request()).status_code == 200

    assert me(tokens) == 401
    assert not SocialIdentity.objects.exists()
    assert not OutboxEvent.objects.filter(name="account.deletion.requested").exists()


@pytest.mark.parametrize("what", ["deletion", "deauthorize"])
@pytest.mark.parametrize("forgery", ["another secret", "another algorithm", "old", "no time", "cut", "nothing", "odd"])
def test_c6__request_that_is_not_facebooks__changes_nothing(facebook: FakeFacebook, what: str, forgery: str) -> None:
    tokens = sign_in_with("facebook", access_token=facebook.access_token()).json()
    forged = {
        "another secret": facebook.signed_request(secret="guessed"),
        "another algorithm": facebook.signed_request(algorithm="none"),
        "old": facebook.signed_request(issued_at=int(time.time()) - 90_000),
        "no time": facebook.signed_request(issued_at="now"),
        "cut": facebook.signed_request()[:-3],
        "nothing": "",
        "odd": "\u2603.\u2603",
    }

    assert outcome(call_back(what, forged[forgery])) == REFUSED
    assert me(tokens) == 200


def test_notices__a_year_old__are_cleared_away(facebook: FakeFacebook) -> None:
    call_back("deletion", facebook.signed_request())
    clear_away()
    assert ProviderNotice.objects.count() == 1
    ProviderNotice.objects.update(received_at="2020-01-01T00:00:00Z")

    clear_away()

    assert not ProviderNotice.objects.exists()
