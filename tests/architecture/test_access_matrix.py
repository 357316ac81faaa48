"""The authorisation matrix, generated from the URLconf: every route and method, for every kind of caller.

Whoever is refused must get the right status and a decision that is on record, and must leave no other trace in the
database. Whoever holds what is declared must not be refused, whatever else becomes of an empty request.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from access import decisions
from access.append_only import TABLES
from access.models import AuditEntry
from access.types import Principal
from core.db.ids import uuid7
from core.http.access import Access, Assurance, Audience, Public
from tests.architecture.routes import Route, api_routes

pytestmark = pytest.mark.django_db

ROUTES = api_routes()
GUARDED = [route for route in ROUTES if isinstance(route.declaration, Access)]
SCOPED = [route for route in GUARDED if route.access.scope_for(route.method)]
ASSURED = [route for route in GUARDED if route.access.assurance]
STEPPED_UP = [route for route in GUARDED if route.method in route.access.step_up]
PUBLIC = [route for route in ROUTES if isinstance(route.declaration, Public)]

_WRITE = re.compile(r"^\s*(INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
HEADER = "X-Gigvora-Decision-Id"


@pytest.fixture(autouse=True)
def _fresh_counts() -> Iterator[None]:
    decisions.forget_recent()
    yield
    decisions.forget_recent()


@pytest.fixture
def user_id() -> UUID:
    user = get_user_model()(email="caller@example.com")
    user.set_unusable_password()
    user.save()
    found: UUID = user.pk
    return found


def principal(route: Route, user_id: UUID, *, holds: bool = True, **given: Any) -> Principal:
    """A caller of the right audience, with or without the scope of the route."""
    scope = route.access.scope_for(route.method)
    usual: dict[str, Any] = {
        "audience": sorted(route.access.audiences)[0],
        "device_id": uuid7(),
        "session_id": uuid7(),
        "assurance": Assurance.STRONG,
        "proved_at": timezone.now(),
    }
    return Principal(
        user_id=user_id,
        roles=frozenset({"client"}),
        scopes=frozenset({scope} if holds and scope else {"other:scope"}),
        access_version="1",
        **(usual | given),
    )


def call(route: Route, caller: Any) -> tuple[Any, list[str]]:
    """The answer to an empty request, and the tables it wrote to."""
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(user=caller)
    with CaptureQueriesContext(connection) as queries:
        response = client.generic(
            route.method, route.address, "" if route.method == "GET" else "{}", "application/json"
        )
    written = [found[2] for query in queries if (found := _WRITE.match(query["sql"]))]
    return response, written


def assert_refused(response: Any, written: list[str], status: int, code: str) -> None:
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert response[HEADER] == problem["decision_id"]
    assert AuditEntry.objects.get().decision_id == problem["decision_id"]
    assert set(written) == {TABLES[0]}, "a refused request wrote something else than the audit trail"


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_matrix__anonymous__is_refused(route: Route) -> None:
    response, written = call(route, None)

    hidden = route.access.is_staff_only
    assert_refused(response, written, *((404, "not_found") if hidden else (401, "unauthenticated")))


@pytest.mark.parametrize("route", SCOPED, ids=str)
def test_matrix__stranger_without_the_scope__is_refused(route: Route, user_id: UUID) -> None:
    response, written = call(route, principal(route, user_id, holds=False))

    assert_refused(response, written, 403, "insufficient_scope")


@pytest.mark.parametrize("route", SCOPED, ids=str)
def test_matrix__superuser_without_the_scope__is_refused_unless_staff(route: Route, user_id: UUID) -> None:
    caller = principal(route, user_id, holds=False, is_superuser=True)

    response, written = call(route, caller)

    if caller.audience is Audience.ADMIN:
        assert not is_refusal(response)
    else:
        assert_refused(response, written, 403, "insufficient_scope")


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_matrix__every_wrong_audience__is_refused_superuser_or_not(route: Route, user_id: UUID) -> None:
    expected = (404, "not_found") if route.access.is_staff_only else (403, "audience_not_allowed")
    for audience in sorted(set(Audience) - route.access.audiences):
        response, written = call(route, principal(route, user_id, audience=audience, is_superuser=True))

        assert (response.status_code, response.json()["code"]) == expected
        assert AuditEntry.objects.filter(decision_id=response[HEADER]).count() == 1
        assert set(written) == {TABLES[0]}


@pytest.mark.parametrize("route", ASSURED, ids=str)
def test_matrix__device_that_was_not_attested__is_refused(route: Route, user_id: UUID) -> None:
    response, written = call(route, principal(route, user_id, assurance=Assurance.NONE))

    assert_refused(response, written, 403, "assurance_required")


@pytest.mark.parametrize("route", STEPPED_UP, ids=str)
def test_matrix__proof_that_is_old_or_missing__is_refused(route: Route, user_id: UUID) -> None:
    for proved_at in (None, timezone.now() - settings.STEP_UP_FRESHNESS - timedelta(seconds=1)):
        decisions.forget_recent()
        response, written = call(route, principal(route, user_id, proved_at=proved_at))

        assert (response.status_code, response.json()["code"]) == (403, "step_up_required")
        assert set(written) == {TABLES[0]}


@pytest.mark.parametrize("route", GUARDED, ids=str)
def test_matrix__holder_of_every_right_audience__is_not_refused(route: Route, user_id: UUID) -> None:
    for audience in sorted(route.access.audiences):
        response, _ = call(route, principal(route, user_id, audience=audience))

        assert not is_refusal(response)
        assert response.status_code < 500


@pytest.mark.parametrize("route", PUBLIC, ids=str)
def test_matrix__anonymous_on_a_public_route__is_not_refused(route: Route) -> None:
    response, _ = call(route, None)

    assert not is_refusal(response)
    assert response.status_code < 500 or route.path == "/readiness"


def is_refusal(response: Any) -> bool:
    """Did access refuse? Domains have reasons of their own to answer 403 and 404, without a decision."""
    return AuditEntry.objects.filter(decision_id=response.get(HEADER, "-"), outcome="denied").exists()
