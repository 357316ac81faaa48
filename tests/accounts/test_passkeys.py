"""One's own passkeys: registering, naming, removing; and what is refused."""

from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import cbor2
import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from access.models import AuditEntry
from accounts import ceremonies
from accounts.errors import PasskeyInvalid
from accounts.models import Passkey, User
from accounts.services import links, passkeys
from accounts.services.claiming import claim_address
from accounts.types import Purpose
from core.http.access import Audience
from core.testing.jobs import CapturedJobs
from core.testing.races import race
from events.models import OutboxEvent
from tests.accounts.actors import SignedInClient, SignIn
from tests.accounts.authenticators import (
    AAGUID,
    ROOT,
    Authenticator,
    Json,
    b64,
    begin_registration,
    begin_sign_in,
    client_data,
    code,
    register,
    replaced,
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


def test_registration_options__signed_in__ask_for_a_discoverable_verified_passkey(
    client: SignedInClient, freelancer: User
) -> None:
    options = begin_registration(client)

    assert options == {
        "rp": {"id": "localhost", "name": "Gigvora"},
        "user": {"id": b64(freelancer.id.bytes), "name": freelancer.email, "displayName": "Freelancer"},
        "challenge": ANY,
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in (-8, -7, -257)],
        "timeout": 300000,
        "excludeCredentials": [],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }
    assert len(options["challenge"]) == 43  # 32 bytes


def test_register__true_answer__is_kept_and_told(
    client: SignedInClient, freelancer: User, enqueued_jobs: CapturedJobs
) -> None:
    response = register(client, Authenticator(), name="Phone")

    passkey = Passkey.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": str(passkey.id),
        "name": "Phone",
        "aaguid": str(AAGUID),
        "transports": ["hybrid", "internal"],
        "is_backup_eligible": True,
        "is_backed_up": True,
        "last_used_at": None,
        "created_at": ANY,
    }
    assert passkey.user_id == freelancer.id
    assert AuditEntry.objects.get(action="passkey.added").target_id == str(passkey.id)
    enqueued_jobs.run(times=1)
    assert [(message.to, message.subject) for message in mail.outbox] == [
        ([freelancer.email], "A passkey was added to your account")
    ]


def test_register__second_one__names_the_first_so_that_it_is_not_made_again(
    client: SignedInClient, authenticator: Authenticator
) -> None:
    assert begin_registration(client)["excludeCredentials"] == [
        {"type": "public-key", "id": b64(authenticator.credential_id), "transports": ["hybrid", "internal"]}
    ]
    assert code(register(client, authenticator)) == (409, "passkey_taken")


def test_registration_options__proof_not_fresh__asks_for_step_up(freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        response = client.post(f"{ROOT}/registration/options", format="json")

    assert code(response) == (403, "step_up_required")


def test_row_28__register__challenge_of_another_session__is_refused_and_stays(
    client: SignedInClient, freelancer: User, sign_in: SignIn
) -> None:
    credential = Authenticator().register(begin_registration(client))

    other = sign_in(freelancer).post(f"{ROOT}/registration/verify", {"credential": credential}, format="json")
    own = client.post(f"{ROOT}/registration/verify", {"credential": credential}, format="json")

    assert code(other) == (400, "invalid_challenge")
    assert own.status_code == 201


def test_row_28__register__challenge_of_a_sign_in__is_refused(client: SignedInClient) -> None:
    options = begin_registration(client) | {"challenge": begin_sign_in()["challenge"]}

    response = client.post(
        f"{ROOT}/registration/verify", {"credential": Authenticator().register(options)}, format="json"
    )

    assert code(response) == (400, "invalid_challenge")


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8000.evil.example"},
        {"rp_id": "evil.example"},
        {"is_verifying": False},
    ],
    ids=str,
)
def test_row_28__register__other_page_or_nobody_there__is_refused(client: SignedInClient, lie: Json) -> None:
    assert code(register(client, Authenticator(**lie))) == (400, "invalid_passkey")
    assert not Passkey.objects.exists()


def test_register__more_than_twenty__is_refused(
    client: SignedInClient, freelancer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passkeys, "MAX_PASSKEYS", 2)
    waiting = [Authenticator().register(begin_registration(client)) for _ in range(3)]

    answers = [
        client.post(f"{ROOT}/registration/verify", {"credential": credential}, format="json") for credential in waiting
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert code(client.post(f"{ROOT}/registration/options", format="json")) == (409, "too_many_passkeys")


def test_passkeys__listed_renamed_and_removed__are_ones_own(
    client: SignedInClient, authenticator: Authenticator, other_freelancer: User, sign_in: SignIn
) -> None:
    stranger = sign_in(other_freelancer)
    passkey_id = str(Passkey.objects.get().id)

    assert [row["id"] for row in client.get(ROOT).json()["data"]] == [passkey_id]
    assert stranger.get(ROOT).json()["data"] == []
    assert stranger.get(f"{ROOT}/{passkey_id}").status_code == 404
    assert stranger.patch(f"{ROOT}/{passkey_id}", {"name": "mine"}, format="json").status_code == 404
    assert stranger.delete(f"{ROOT}/{passkey_id}").status_code == 404
    assert client.patch(f"{ROOT}/{passkey_id}", {"name": "Old phone"}, format="json").json()["name"] == "Old phone"
    assert client.get(f"{ROOT}/{passkey_id}").json()["name"] == "Old phone"
    assert client.delete(f"{ROOT}/{passkey_id}").status_code == 204
    assert code(sign_in_with(authenticator.sign_in(begin_sign_in()))) == (401, "passkey_refused")
    assert OutboxEvent.objects.filter(name="account.passkey.removed").count() == 1


def test_passkey__last_way_to_sign_in__is_not_removed(
    client: SignedInClient, authenticator: Authenticator, freelancer: User
) -> None:
    freelancer.set_unusable_password()
    freelancer.save()
    first = Passkey.objects.get()

    assert code(client.delete(f"{ROOT}/{first.id}")) == (409, "last_sign_in_method")
    register(client, Authenticator())
    assert client.delete(f"{ROOT}/{first.id}").status_code == 204


def test_passkeys__last_two_removed_at_once__one_stays(
    client: SignedInClient, authenticator: Authenticator, freelancer: User
) -> None:
    register(client, Authenticator())
    freelancer.set_unusable_password()
    freelancer.save()
    principal = client.principal
    ids = list(Passkey.objects.values_list("id", flat=True))

    race(*(lambda one=one: passkeys.remove(actor=principal, passkey_id=one) for one in ids))

    assert Passkey.objects.count() == 1


def test_removing__proof_not_fresh__asks_for_step_up(client: SignedInClient, authenticator: Authenticator) -> None:
    passkey_id = Passkey.objects.get().id
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert code(client.delete(f"{ROOT}/{passkey_id}")) == (403, "step_up_required")


_PARTS = st.one_of(st.none(), st.integers(), st.lists(st.text(max_size=3), max_size=2), st.text(max_size=40))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(part=st.sampled_from(["attestationObject", "clientDataJSON", "transports"]), value=_PARTS, noise=st.binary())
def test_verify_registration__any_bytes__is_refused_and_nothing_else(part: str, value: Any, noise: bytes) -> None:
    challenge = b64(bytes(32))
    options = {"rp": {"id": "localhost"}, "user": {"id": ""}, "challenge": challenge}
    credential = Authenticator().register(options)
    for odd in (value, b64(noise), b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": noise}))):
        broken = replaced(credential, part, odd)
        try:
            ceremonies.verify_registration(broken, challenge=challenge)
        except PasskeyInvalid:
            continue
        assert part == "transports"


def test_authenticator__of_these_tests__says_where_it_is() -> None:
    options = {"rpId": "localhost", "challenge": "AAAA"}

    assert client_data(Authenticator(origin="https://x").sign_in(options))["origin"] == "https://x"


def test_passkeys__added_before_the_owner_of_the_address_came__are_gone(
    client: SignedInClient, authenticator: Authenticator, freelancer: User
) -> None:
    freelancer.refresh_from_db()
    assert not freelancer.is_email_verified

    links.reset_password(token=links._issue(freelancer, Purpose.RESET_PASSWORD), new_password="another-Long-9-words")

    assert not Passkey.objects.exists()
    assert AuditEntry.objects.get(action="passkey.removed").reason == "distrusted"


def test_passkeys__address_claimed_by_mail__are_gone(authenticator: Authenticator, freelancer: User) -> None:
    with transaction.atomic():
        claim_address(User.objects.select_for_update().get(id=freelancer.id))

    assert not Passkey.objects.exists()
