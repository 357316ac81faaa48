"""What is signed is what happens: a transaction that a device has signed for, carried out once."""

import hashlib
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from accounts.device_signatures import digest_of
from accounts.errors import TransactionNotSigned
from accounts.models import User
from accounts.services import biometric
from core.errors import Invalid
from core.http.access import Audience
from core.testing.races import race
from tests.accounts.actors import SignedInClient, SignIn
from tests.accounts.device_keys import ROOT, DeviceKey, ask, code, verify

pytestmark = pytest.mark.django_db(transaction=True)

PAYOUT = {"type": "payout", "amount": "120.50", "currency": "EUR", "to": "IBAN…", "note": None}


@pytest.fixture
def client(freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(freelancer, Audience.IOS)


@pytest.fixture
def phone(client: SignedInClient) -> DeviceKey:
    """The key of the device that `client` is signed in on, enrolled."""
    key = DeviceKey(client.signed_in.session.device_id)
    answer = client.post(f"{ROOT}/enroll", {"public_key": key.spki}, format="json")
    assert answer.status_code == 201, answer.content
    return key


def signed_payout(phone: DeviceKey, client: SignedInClient) -> Any:
    asked = ask(phone.device_id, "transaction", transaction=PAYOUT)
    return verify(asked, phone.sign(asked, "transaction", PAYOUT), client)


def test_row_29__transaction__signed__allows_exactly_that_once(phone: DeviceKey, client: SignedInClient) -> None:
    answer = signed_payout(phone, client)
    assert answer.status_code == 200
    assert set(answer.json()) == {"transaction_token", "expires_at"}
    token, actor = answer.json()["transaction_token"], client.principal

    for other in ({**PAYOUT, "amount": "1120.50"}, {**PAYOUT, "extra": 1}, {}):
        with pytest.raises(TransactionNotSigned):
            biometric.take_signed_transaction(actor=actor, token=token, transaction=other)
    reordered = dict(reversed(PAYOUT.items()))
    biometric.take_signed_transaction(actor=actor, token=token, transaction=reordered)
    with pytest.raises(TransactionNotSigned):
        biometric.take_signed_transaction(actor=actor, token=token, transaction=PAYOUT)


def test_row_29__transaction__changed_after_it_was_signed__is_refused(phone: DeviceKey, client: SignedInClient) -> None:
    asked = ask(phone.device_id, "transaction", transaction={**PAYOUT, "amount": "9999.00"})

    assert code(verify(asked, phone.sign(asked, "transaction", PAYOUT), client)) == (400, "invalid_signature")


def test_row_29__transaction__taken_by_somebody_else_or_elsewhere__is_refused(
    phone: DeviceKey, client: SignedInClient, freelancer: User, other_freelancer: User, sign_in: SignIn
) -> None:
    token = signed_payout(phone, client).json()["transaction_token"]

    for thief in (sign_in(other_freelancer, Audience.IOS), sign_in(freelancer, Audience.ANDROID)):
        with pytest.raises(TransactionNotSigned):
            biometric.take_signed_transaction(actor=thief.principal, token=token, transaction=PAYOUT)
    biometric.take_signed_transaction(actor=client.principal, token=token, transaction=PAYOUT)


def test_transaction__what_it_allowed_is_rolled_back__can_be_taken_again(
    phone: DeviceKey, client: SignedInClient
) -> None:
    token, actor = signed_payout(phone, client).json()["transaction_token"], client.principal

    with transaction.atomic():
        biometric.take_signed_transaction(actor=actor, token=token, transaction=PAYOUT)
        transaction.set_rollback(True)
    biometric.take_signed_transaction(actor=actor, token=token, transaction=PAYOUT)


def test_row_29__transaction__taken_many_times_at_once__happens_once(phone: DeviceKey, client: SignedInClient) -> None:
    token, actor = signed_payout(phone, client).json()["transaction_token"], client.principal

    results = race(
        *[lambda: biometric.take_signed_transaction(actor=actor, token=token, transaction=PAYOUT)] * 6,
    )

    assert [type(result) for result in results].count(TransactionNotSigned) == 5


def test_challenge__shared_contract__leaves_the_case_of_the_transaction(
    phone: DeviceKey, client: SignedInClient
) -> None:
    signed = {"accountId": "1", "snake_case": True, "ü": [1, 2.5]}
    body = {"deviceId": phone.device_id, "purpose": "transaction", "transaction": signed}
    asked = APIClient().post("/api/auth/biometric/challenge", body, format="json").json()

    answer = client.post(
        "/api/auth/biometric/verify",
        {"id": asked["id"], "signature": phone.sign(asked, "transaction", signed)},
        format="json",
    )

    assert set(answer.json()) == {"transactionToken", "expiresAt"}
    token = answer.json()["transactionToken"]
    biometric.take_signed_transaction(actor=client.principal, token=token, transaction=signed)


def test_digest_of__rfc_8785__is_of_the_canonical_form() -> None:
    assert digest_of({"b": 1, "a": "€"}) == hashlib.sha256('{"a":"€","b":1}'.encode()).digest()
    assert digest_of(None) == hashlib.sha256(b"").digest()
    with pytest.raises(Invalid):
        digest_of({"n": 2**60})
