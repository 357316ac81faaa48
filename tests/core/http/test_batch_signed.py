"""Batches of clients that must sign for what they send: a signature of the batch is none of what is in it."""

from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings

from accounts.models import User
from core.http.access import Audience
from tests.accounts.actors import SignIn
from tests.accounts.keys import ProofKey, ProvingClient
from tests.core.http.batches import op, outcome, results
from tests.fakes.gateway import Gateway, ThroughGateway

EVENTS = "/v1/calendar/events"
ASSERTION = "X-Gigvora-Gateway-Assertion"


@pytest.mark.django_db
def test_batch__through_a_gateway__each_operation_needs_its_signature(
    settings: Settings, sign_in: SignIn, freelancer: User
) -> None:
    cache.clear()
    gateway = Gateway()
    settings.GATEWAY_PUBLIC_KEYS = [gateway.public_pem]
    token = sign_in(freelancer, Audience.ANDROID).signed_in.tokens.access_token

    def signed(name: str, assertion: str) -> dict[str, Any]:
        return op(name, "GET", EVENTS) | {"headers": {ASSERTION: assertion}}

    mine = gateway.assertion(token, "GET", EVENTS)
    answers = results(
        ThroughGateway(gateway, token),
        signed("signed", mine),
        op("not", "GET", EVENTS),
        signed("again", mine),
        signed("for another", gateway.assertion(token, "GET", "/v1/feed")),
        signed("by another", Gateway().assertion(token, "GET", EVENTS)),
    )

    assert outcome(answers[0]) == (200, "")
    assert [outcome(each) for each in answers[1:]] == [(401, "gateway_required")] * 4


@pytest.mark.django_db(transaction=True)
def test_batch__of_a_session_bound_to_a_key__each_operation_needs_its_proof(freelancer: User) -> None:
    cache.clear()
    key = ProofKey()
    client = ProvingClient(key)
    client.sign_in(freelancer.email)
    proof = key.proof("GET", EVENTS, client.access_token)

    answers = results(
        client,
        op("proved", "GET", EVENTS, DPoP=proof),
        op("not", "GET", EVENTS),
        op("again", "GET", EVENTS, DPoP=proof),
        op("for another", "GET", EVENTS, DPoP=key.proof("POST", EVENTS, client.access_token)),
        op("by another", "GET", EVENTS, DPoP=ProofKey().proof("GET", EVENTS, client.access_token)),
    )

    assert outcome(answers[0]) == (200, "")
    assert [each["status"] for each in answers[1:]] == [401] * 4
