from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from access import decisions
from access.models import AuditEntry
from access.selectors import times_taken
from access.services import authorize
from access.types import Resource
from core import context
from core.db.ids import uuid7
from core.http.access import Access, Public
from tests.access.conftest import MakePrincipal

pytestmark = pytest.mark.django_db

ROUTE = Access("a:read")


@pytest.fixture(autouse=True)
def _address() -> Iterator[None]:
    with context.scope(context.Context(client_ip="203.0.113.9")):
        yield


def refused(principal: Any = None, route: str = "v1/things") -> str:
    return authorize(principal, ROUTE, method="GET", route=route).id


def test_authorize__allowed__costs_no_query_and_has_no_id(principal: MakePrincipal) -> None:
    with CaptureQueriesContext(connection) as queries:
        granted = authorize(principal("a:read"), ROUTE, method="GET", route="v1/things")
        public = authorize(None, Public("why"), method="GET")

    assert (granted.allowed, granted.id, public.allowed, public.id) == (True, "", True, "")
    assert len(queries) == 0


def test_authorize__refused__has_an_id_that_stands_in_the_trail(principal: MakePrincipal) -> None:
    caller, thing = principal("b:read"), uuid7()

    decision = authorize(caller, ROUTE, method="GET", route="v1/things", resource=Resource("thing", thing))

    entry = AuditEntry.objects.get(decision_id=decision.id)
    assert (len(decision.id), decision.id[:4]) == (30, "dec_")
    assert (entry.target_type, entry.target_id) == ("thing", str(thing))
    assert entry.details == {
        "rule": "scope",
        "method": "GET",
        "route": "v1/things",
        "scope": "a:read",
        "audiences": ["gigvora-mobile-android", "gigvora-mobile-ios", "gigvora-web"],
        "policy_version": entry.details["policy_version"],
        "audience": "gigvora-mobile-android",
        "roles": [],
        "scopes": ["b:read"],
    }


def test_authorize__same_refusal_a_thousand_times__is_four_rows_and_one_id(principal: MakePrincipal) -> None:
    caller = principal()

    ids = {refused(caller) for _ in range(1_000)}

    assert len(ids) == 1
    assert list(AuditEntry.objects.order_by("id").values_list("details__repeats", flat=True)) == [None, 10, 100, 1_000]
    assert times_taken(ids.pop()) == 1_000


def test_authorize__other_caller_route_or_reason__is_another_decision(principal: MakePrincipal) -> None:
    caller = principal()

    ids = {refused(caller), refused(principal()), refused(caller, route="v1/others"), refused()}

    assert len(ids) == AuditEntry.objects.count() == 4


def test_authorize__next_minute__is_another_decision(principal: MakePrincipal, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 59.9, 60.0])
    monkeypatch.setattr("access.decisions.time.monotonic", lambda: next(clock))
    caller = principal()

    first, same, next_minute = refused(caller), refused(caller), refused(caller)

    assert first == same != next_minute
    assert AuditEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("203.0.113.9", "203.0.113.10", False),
    ],
)
def test_authorize__nobody_signed_in__is_told_apart_by_network(one: str, other: str, same: bool) -> None:
    def from_address(address: str) -> str:
        with context.scope(context.Context(client_ip=address)):
            return refused()

    assert (from_address(one) == from_address(other)) is same


def test_authorize__flood_of_callers__is_bounded_and_every_id_explained(
    principal: MakePrincipal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "REFUSALS_PER_MINUTE", 20)

    ids = {refused(principal()) for _ in range(500)}

    assert ids == set(AuditEntry.objects.values_list("decision_id", flat=True))
    assert len(ids) == 21
    assert AuditEntry.objects.count() == 20 + 3  # the shared decision once, at ten and at a hundred


def test_authorize__trail_cannot_be_written__answers_no_id_that_is_not_on_record(
    principal: MakePrincipal, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = principal()
    with monkeypatch.context() as patched:
        patched.setattr(decisions, "record", Mock(side_effect=OperationalError("gone")))
        for _ in range(2):
            with pytest.raises(OperationalError):
                refused(caller)

    assert AuditEntry.objects.filter(decision_id=refused(caller)).count() == 1
