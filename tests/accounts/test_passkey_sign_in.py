"""Signing in with a passkey, and everything that does not."""

from datetime import timedelta
from unittest.mock import ANY

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.models import Challenge, DeviceSession, Passkey, User
from core.http.access import Audience
from core.testing.jobs import CapturedJobs
from core.testing.queries import counted_queries
from core.testing.races import race, winners
from events.models import OutboxEvent
from tests.accounts.actors import SignedInClient, SignIn
from tests.accounts.authenticators import (
    ROOT,
    Authenticator,
    Json,
    b64,
    begin_sign_in,
    code,
    register,
    sign_in_with,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(freelancer, Audience.IOS)


@pytest.fixture
def authenticator(client: SignedInClient) -> Authenticator:
    """One with a passkey of `freelancer`."""
    own = Authenticator()
    assert register(client, own).status_code == 201
    return own


def test_sign_in__no_address__authenticator_says_who(authenticator: Authenticator, freelancer: User) -> None:
    options = begin_sign_in()
    assert options == {
        "challenge": ANY,
        "timeout": 300000,
        "rpId": "localhost",
        "allowCredentials": [],
        "userVerification": "required",
    }

    response = sign_in_with(authenticator.sign_in(options), device={"platform": "android"})

    assert response.status_code == 200
    assert response.json()["user"]["email"] == freelancer.email
    assert response.json()["device"]["platform"] == "android"
    assert Passkey.objects.get().last_used_at is not None
    assert AuditEntry.objects.filter(action="login.success").latest("id").details == {"amr": "passkey"}


def test_sign_in__shared_contract__speaks_camel_case_around_webauthns_own(authenticator: Authenticator) -> None:
    asked = APIClient().post("/api/auth/passkeys/sign-in/options", {}, format="json").json()
    body = {"credential": authenticator.sign_in(asked["publicKey"])}

    answer = APIClient().post("/api/auth/passkeys/sign-in/verify", body, format="json")

    assert set(asked) == {"publicKey", "expiresAt"}
    assert answer.json()["tokenType"] == "bearer"


def test_sign_in__account_with_a_second_factor__needs_no_other(authenticator: Authenticator, freelancer: User) -> None:
    User.objects.filter(id=freelancer.id).update(second_factor_at=timezone.now())

    assert sign_in_with(authenticator.sign_in(begin_sign_in())).status_code == 200


def test_sign_in_options__known_address__lets_its_passkeys_in(authenticator: Authenticator, freelancer: User) -> None:
    assert sign_in_with(authenticator.sign_in(begin_sign_in(email=freelancer.email.upper()))).status_code == 200


def test_sign_in_options__however_many_passkeys_an_address_has__look_the_same(
    client: SignedInClient, authenticator: Authenticator, freelancer: User, other_freelancer: User
) -> None:
    assert register(client, Authenticator()).status_code == 201
    addresses = (freelancer.email, other_freelancer.email, "nobody@example.com", "not an address")

    offered = [begin_sign_in(email=address) for address in addresses]

    assert len({each.pop("challenge") for each in offered}) == 4
    assert (
        offered
        == [{"timeout": 300000, "rpId": "localhost", "allowCredentials": [], "userVerification": "required"}] * 4
    )


def test_sign_in_options__known_or_not__cost_the_same(authenticator: Authenticator, freelancer: User) -> None:
    costs = []
    for email in (freelancer.email, "nobody@example.com"):
        with counted_queries() as counted:
            begin_sign_in(email=email)
        costs.append(len(counted))

    assert costs[0] == costs[1], costs


def test_row_28__sign_in__asked_for_somebody_else__is_refused(
    authenticator: Authenticator, other_freelancer: User
) -> None:
    for email in (other_freelancer.email, "nobody@example.com"):
        assert code(sign_in_with(authenticator.sign_in(begin_sign_in(email=email)))) == (401, "passkey_refused")


def test_row_28__sign_in__challenge_answered_twice__is_refused(authenticator: Authenticator) -> None:
    options = begin_sign_in()

    assert sign_in_with(authenticator.sign_in(options)).status_code == 200
    assert code(sign_in_with(authenticator.sign_in(options))) == (401, "passkey_refused")
    assert AuditEntry.objects.get(action="login.failure").reason == "passkey: invalid_challenge"


def test_row_28__sign_in__challenge_too_old__is_refused(authenticator: Authenticator) -> None:
    credential = authenticator.sign_in(begin_sign_in())

    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert code(sign_in_with(credential)) == (401, "passkey_refused")


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost"},
        {"rp_id": "evil.example"},
        {"is_verifying": False},
        {"user_handle": b64(b"somebody else...")},
        {"credential_id": b"another"},
        {"private": Authenticator().private},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_row_28__sign_in__false_answer__is_refused_and_the_challenge_spent(
    authenticator: Authenticator, lie: Json
) -> None:
    for name, value in lie.items():
        setattr(authenticator, name, value)

    assert code(sign_in_with(authenticator.sign_in(begin_sign_in()))) == (401, "passkey_refused")

    assert AuditEntry.objects.filter(action="login.failure").count() == 1
    assert not Challenge.objects.exists()


def test_row_28__sign_in__count_has_not_grown__is_refused_and_the_owner_warned(
    client: SignedInClient, freelancer: User, enqueued_jobs: CapturedJobs
) -> None:
    original = Authenticator(sign_count=1, is_backed_up=False)
    register(client, original)
    original.sign_count = 5
    assert sign_in_with(original.sign_in(begin_sign_in())).status_code == 200
    for copied in (5, 4, 0):
        original.sign_count = copied
        assert code(sign_in_with(original.sign_in(begin_sign_in()))) == (401, "passkey_refused")
    original.sign_count = 6

    assert sign_in_with(original.sign_in(begin_sign_in())).status_code == 200
    assert OutboxEvent.objects.filter(name="account.passkey.cloned").count() == 3
    assert set(AuditEntry.objects.filter(action="login.failure").values_list("reason", flat=True)) == {
        "passkey: cloned"
    }
    enqueued_jobs.run(times=1)
    assert "We refused one of your passkeys" in {message.subject for message in mail.outbox}


def test_sign_in__closed_account__is_refused(authenticator: Authenticator, freelancer: User) -> None:
    User.objects.filter(id=freelancer.id).update(is_active=False)

    assert code(sign_in_with(authenticator.sign_in(begin_sign_in()))) == (401, "invalid_credentials")


def test_row_28__sign_in__two_copies_at_once__one_gets_in(client: SignedInClient) -> None:
    original = Authenticator(sign_count=1, is_backed_up=False)
    register(client, original)
    original.sign_count = 2
    answers = [original.sign_in(begin_sign_in()) for _ in range(4)]

    results = winners(race(*(lambda one=one: sign_in_with(one).status_code for one in answers)))

    assert sorted(results) == [200, 401, 401, 401]


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"response": None},
        {"response": {"clientDataJSON": 7}},
        {"response": {"clientDataJSON": b64(b"[]")}},
        {"response": {"clientDataJSON": b64(b'{"challenge": 7}')}},
        {"response": {"clientDataJSON": b64(b'{"challenge": "\\ud800"}')}},
        {"response": {"clientDataJSON": b64(b"[" * 100_000)}},
    ],
    ids=str,
)
def test_sign_in__odd_json__is_refused(db: None, credential: Json) -> None:
    assert code(sign_in_with(credential)) == (400, "invalid_passkey")


def test_step_up__with_a_passkey_of_ones_own__is_fresh(client: SignedInClient, authenticator: Authenticator) -> None:
    DeviceSession.objects.update(proved_at=None)
    options = client.post(f"{ROOT}/step-up/options", format="json").json()["public_key"]
    assert [each["id"] for each in options["allowCredentials"]] == [b64(authenticator.credential_id)]

    answer = client.post(f"{ROOT}/step-up/verify", {"credential": authenticator.sign_in(options)}, format="json")

    assert answer.status_code == 200, answer.content
    assert answer.json() == {"is_fresh": True, "fresh_until": ANY, "methods": ["pwd", "passkey"]}
    assert DeviceSession.objects.get().amr == "pwd passkey"


def test_row_28__step_up__with_somebody_elses_passkey__is_refused(
    authenticator: Authenticator, other_freelancer: User, sign_in: SignIn
) -> None:
    stranger = sign_in(other_freelancer)
    own = stranger.post(f"{ROOT}/step-up/options", format="json").json()["public_key"]

    for options in (own, begin_sign_in()):
        body = {"credential": authenticator.sign_in(options)}
        assert code(stranger.post(f"{ROOT}/step-up/verify", body, format="json")) == (400, "invalid_passkey")
