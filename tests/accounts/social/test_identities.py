"""The identities of one's own: listing, linking with a fresh proof, removing all but the last way in."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from accounts.models import DeviceSession, SocialIdentity, User
from accounts.providers.types import Proven
from accounts.services.social import identities
from accounts.services.social.proving import prove
from core.testing.races import race, winners
from events.models import OutboxEvent
from events.services import dispatch
from tests.accounts.actors import MakeUser, SignedInClient, SignIn, principal_behind
from tests.accounts.social.conftest import new_nonce, outcome, sign_in_with
from tests.fakes.providers import FakeFacebook, FakeGoogle

pytestmark = pytest.mark.django_db

ADDRESS = "/v1/auth/social/identities"


@pytest.fixture
def ada(make_user: MakeUser, sign_in: SignIn) -> SignedInClient:
    return sign_in(make_user(email="ada@gmail.com"))


def link_google(client: SignedInClient, google: FakeGoogle) -> Any:
    body = {"provider": "google", "id_token": google.id_token(google.web, nonce=new_nonce())}
    return client.post(ADDRESS, body, format="json")


def test_link__refused_match__goes_on_after_signing_in(google: FakeGoogle, ada: SignedInClient) -> None:
    assert outcome(sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))) == (
        409, "link_required",
    )  # fmt: skip

    linked = link_google(ada, google)

    identity = SocialIdentity.objects.get()
    assert linked.status_code == 201
    assert linked.json() == {
        "id": str(identity.id),
        "provider": "google",
        "email": "ada@gmail.com",
        "is_email_verified": True,
        "last_used_at": linked.json()["last_used_at"],
        "created_at": linked.json()["created_at"],
    }
    listed = ada.get(ADDRESS).json()["data"]
    assert listed == [linked.json()]
    again = sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))
    assert again.json()["user"]["id"] == str(identity.user_id)


@pytest.mark.django_db(transaction=True)
def test_link__done__its_owner_is_told_by_mail(google: FakeGoogle, ada: SignedInClient) -> None:
    link_google(ada, google)

    dispatch()

    [message] = mail.outbox
    assert (message.to, message.subject) == (["ada@gmail.com"], "A new way to sign in")
    assert "signing in with Google" in message.body


def test_link__again__changes_nothing(google: FakeGoogle, ada: SignedInClient) -> None:
    first, second = link_google(ada, google), link_google(ada, google)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json()["id"] == first.json()["id"]


def test_link__identity_of_somebody_else__is_refused(google: FakeGoogle, make_user: MakeUser, sign_in: SignIn) -> None:
    google.person["email"] = "grace@gmail.com"
    sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))

    assert outcome(link_google(sign_in(make_user()), google)) == (409, "identity_taken")


def test_link__second_of_one_provider__is_refused(google: FakeGoogle, ada: SignedInClient) -> None:
    link_google(ada, google)
    google.person = {**google.person, "sub": "another"}

    assert outcome(link_google(ada, google)) == (409, "identity_taken")


def test_link__proof_used_before__is_refused(google: FakeGoogle, ada: SignedInClient) -> None:
    token = google.id_token(google.web, nonce=new_nonce())
    assert outcome(sign_in_with("google", id_token=token)) == (409, "link_required")

    response = ada.post(ADDRESS, {"provider": "google", "id_token": token}, format="json")

    assert outcome(response) == (401, "invalid_social_token")


@pytest.mark.django_db(transaction=True)
def test_link__waiting_while_its_owner_logs_out_everywhere__adds_nothing(
    google: FakeGoogle, make_user: MakeUser, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user(email="ada@example.com", email_verified_at=timezone.now())
    own, thief = sign_in(user), sign_in(user)

    def prove_slowly(**given: Any) -> Proven:
        proven = prove(**given)
        assert own.post("/v1/auth/logout", {"everywhere": True}, format="json").status_code == 200
        return proven

    monkeypatch.setattr(identities, "prove", prove_slowly)

    assert outcome(link_google(thief, google)) == (401, "session_ended")
    assert not SocialIdentity.objects.exists()


@pytest.mark.parametrize("method", ["post", "delete"])
def test_change__long_after_signing_in__asks_for_proof(google: FakeGoogle, ada: SignedInClient, method: str) -> None:
    link_google(ada, google)
    DeviceSession.objects.update(proved_at=timezone.now() - timedelta(hours=1))
    cache.clear()
    address = ADDRESS if method == "post" else f"{ADDRESS}/{SocialIdentity.objects.get().id}"

    response = getattr(ada, method)(address, {}, format="json")

    assert outcome(response) == (403, "step_up_required")


def test_unlink__another_way_left__removes_it(google: FakeGoogle, ada: SignedInClient) -> None:
    identity = link_google(ada, google).json()["id"]

    assert ada.delete(f"{ADDRESS}/{identity}").status_code == 204

    assert ada.get(ADDRESS).json()["data"] == []
    assert OutboxEvent.objects.filter(name="account.identity.unlinked").count() == 1
    assert link_google(ada, google).status_code == 201  # and it can come back


def test_unlink__last_way_in__is_refused(google: FakeGoogle, sign_in: SignIn) -> None:
    sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))
    client = sign_in(User.objects.get())

    response = client.delete(f"{ADDRESS}/{SocialIdentity.objects.get().id}")

    assert outcome(response) == (409, "last_sign_in_method")
    assert SocialIdentity.objects.of(User.objects.get().id).exists()


def test_unlink__of_somebody_else__is_not_found(google: FakeGoogle, ada: SignedInClient, sign_in: SignIn,
                                                make_user: MakeUser) -> None:  # fmt: skip
    identity = link_google(ada, google).json()["id"]
    stranger = sign_in(make_user())

    for unknown in (identity, uuid4()):
        assert outcome(stranger.delete(f"{ADDRESS}/{unknown}")) == (404, "not_found")


@pytest.mark.django_db(transaction=True)
def test_race__both_identities_removed_at_once__one_stays(
    google: FakeGoogle, facebook: FakeFacebook, sign_in: SignIn
) -> None:
    sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))
    user = User.objects.get()
    client = sign_in(user)
    body = {"provider": "facebook", "access_token": facebook.access_token()}
    assert client.post(ADDRESS, body, format="json").status_code == 201

    principal = principal_behind(client.signed_in)
    first, second = SocialIdentity.objects.order_by("id").values_list("id", flat=True)

    results = race(
        lambda: identities.unlink(actor=principal, identity_id=first),
        lambda: identities.unlink(actor=principal, identity_id=second),
    )

    assert len(winners(results)) == 1
    assert SocialIdentity.objects.of(user.id).count() == 1
