"""What providers tell us late, or while something else is going on: of which permission, and of whom."""

import time
from threading import Event
from typing import Any

import orjson
import pytest
import time_machine

from accounts.models import DeviceSession, SocialIdentity, User
from accounts.services import links
from accounts.services.claiming import distrust
from accounts.services.social import notices
from accounts.types import Purpose
from core.testing.races import race
from events.models import OutboxEvent
from tests.accounts.social.conftest import IPHONE, new_nonce, sign_in_with
from tests.accounts.social.test_notices import call_back, come_in, me, published, tell
from tests.fakes.providers import FakeApple, FakeFacebook

pytestmark = pytest.mark.django_db


def event_at(apple: FakeApple, kind: str, moment: float | None) -> str:
    """A notice that Apple sends now, of what happened then; the time as it has it, or left out."""
    event = {"type": kind, "sub": apple.person["sub"]} | ({} if moment is None else {"event_time": moment})
    return apple.notice(kind, events=orjson.dumps(event).decode())


@pytest.mark.parametrize("kind", ["consent-revoked", "account-delete"])
@pytest.mark.parametrize("unit", [1, 1000])
def test_c3__notice_older_than_the_permission__changes_nothing(apple: FakeApple, kind: str, unit: int) -> None:
    tokens = come_in(apple)

    response = tell(event_at(apple, kind, int((time.time() - 7200) * unit)))

    assert response.status_code == 200
    assert me(tokens) == 200
    assert SocialIdentity.objects.filter(revoked_at=None).exists()
    assert published() == []


@pytest.mark.django_db(transaction=True)
def test_c3__consent_revoked_and_given_anew__former_notice_comes_too_late(apple: FakeApple) -> None:
    come_in(apple)
    with time_machine.travel(time.time() + 60):
        tokens = come_in(apple)  # the provider has not told us yet that there was an end
        late, now = event_at(apple, "consent-revoked", (time.time() - 30) * 1000), apple.notice("consent-revoked")

        tell(late)
        assert me(tokens) == 200
        tell(now)
        assert me(tokens) == 401


def test_c3__consent_revoked_after_the_token_was_made_but_before_it_was_used__counts(apple: FakeApple) -> None:
    made = time.time() - 120
    nonce = new_nonce()
    token = apple.id_token(apple.ios, nonce=nonce, iat=int(made))
    tokens = sign_in_with("apple", id_token=token, device=IPHONE).json()

    tell(event_at(apple, "consent-revoked", (made + 60) * 1000))

    assert me(tokens) == 401


def test_c3__account_deleted_between_two_sign_ins__is_not_taken_back_by_the_second(apple: FakeApple) -> None:
    come_in(apple)
    with time_machine.travel(time.time() + 120):
        tokens = come_in(apple)
        tell(event_at(apple, "account-delete", (time.time() - 60) * 1000))
        assert me(tokens) == 401

    assert OutboxEvent.objects.filter(name="account.deletion.requested").count() == 1


@pytest.mark.parametrize("odd", [None, "soon", [], 1e300, "NaN"])
def test_c3__notice_that_does_not_say_when__counts_from_when_it_was_made(apple: FakeApple, odd: Any) -> None:
    tokens = come_in(apple)

    assert tell(event_at(apple, "consent-revoked", odd)).status_code == 200
    assert me(tokens) == 401


@pytest.mark.parametrize("what", ["deletion", "deauthorize"])
@pytest.mark.parametrize("proof", ["access_token", "id_token"])
def test_c6__request_older_than_the_permission__changes_nothing(facebook: FakeFacebook, what: str, proof: str) -> None:
    proofs = {
        "access_token": facebook.access_token(),
        "id_token": facebook.id_token(facebook.app_id, nonce=new_nonce()),
    }
    tokens = sign_in_with("facebook", **{proof: proofs[proof]}).json()

    assert call_back(what, facebook.signed_request(issued_at=int(time.time()) - 3600)).status_code == 200

    assert me(tokens) == 200
    assert not OutboxEvent.objects.filter(name="account.deletion.requested").exists()


@pytest.mark.django_db(transaction=True)
def test_race__app_removed_and_password_reset_of_an_unconfirmed_account__never_deadlock(
    facebook: FakeFacebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_with("facebook", access_token=facebook.access_token())
    token, is_half_done = links._issue(User.objects.get(), Purpose.RESET_PASSWORD), Event()

    def reach_for_identities(user: User) -> None:
        is_half_done.set()
        time.sleep(0.5)  # for the notice to go as far as it can
        distrust(user)

    def hear() -> None:
        is_half_done.wait(30)
        notices.hear_deauthorization(signed_request=facebook.signed_request())

    monkeypatch.setattr(links, "distrust", reach_for_identities)

    results = race(lambda: links.reset_password(token=token, new_password="another-Long-9-words"), hear)

    assert results == [None, None]
    assert not SocialIdentity.objects.filter(revoked_at=None).exists()
    assert not DeviceSession.objects.live().exists()
