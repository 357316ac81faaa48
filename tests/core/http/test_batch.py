"""Several requests in one: none gets more, or less, than it would have got by itself."""

from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as configured
from django.http import FileResponse
from django.urls import resolve
from pytest_django import Settings

from access.models import AuditEntry
from accounts.models import User
from calendar_app.models import Event
from core.db.ids import uuid7
from core.http import batch, gcra
from core.http.access import Audience
from core.models import IdempotencyRecord
from core.testing.jobs import CapturedJobs
from events.models import OutboxEvent
from tests.accounts.actors import SignedInClient, SignIn
from tests.architecture.routes import api_routes
from tests.core.http.batches import op, outcome, results, send
from tests.core.http.conftest import MEMORY

pytestmark = pytest.mark.django_db

EVENTS = "/v1/calendar/events"
BODY = {"title": "Review", "starts_at": "2026-11-20T09:00:00Z", "ends_at": "2026-11-20T10:00:00Z"}
CAMEL = {"title": "Review", "startsAt": "2026-11-20T09:00:00Z", "endsAt": "2026-11-20T10:00:00Z"}
WRONG = {**BODY, "ends_at": "2026-11-20T08:00:00Z"}


@pytest.fixture
def client(sign_in: SignIn, freelancer: User) -> SignedInClient:
    return sign_in(freelancer, Audience.ANDROID)


def test_batch__create_and_list__answered_in_order_as_by_themselves(client: SignedInClient) -> None:
    made, listed, gone = results(
        client,
        op("make", "POST", EVENTS, BODY, Idempotency_Key="k1"),
        op("list", "GET", f"{EVENTS}?limit=5&fields=id,title"),
        op("none", "GET", "/v1/nothing"),
    )

    assert (made["status"], made["headers"]["Location"]) == (201, f"{EVENTS}/{made['body']['id']}")
    assert made["headers"]["Content-Type"] == "application/json"
    assert [each["id"] for each in listed["body"]["data"]] == [made["body"]["id"]]
    assert listed["headers"]["ETag"].startswith('"')
    assert outcome(gone) == (404, "not_found")
    alone = client.get(f"{EVENTS}?limit=5&fields=id,title")
    assert (alone.json(), alone["ETag"]) == (listed["body"], listed["headers"]["ETag"])


def test_batch__other_surface__speaks_its_case(client: SignedInClient) -> None:
    made, wrong, listed = results(
        client,
        op("1", "POST", "/api/calendar/events", CAMEL),
        op("2", "POST", "/api/calendar/events", BODY),
        op("3", "GET", "/api/calendar/events"),
    )

    assert made["body"]["startsAt"] == CAMEL["startsAt"]
    assert made["headers"]["Location"].startswith("/api/calendar/events/")
    assert outcome(wrong) == (422, "validation_failed")
    assert listed["headers"]["Cache-Control"] == "private, max-age=30, stale-if-error=86400"


def test_batch__no_body_to_answer__null(client: SignedInClient) -> None:
    [made] = results(client, op("1", "POST", EVENTS, BODY))
    path = f"{EVENTS}/{made['body']['id']}"
    tag = client.get(path)["ETag"]

    same, gone, after = results(
        client, op("1", "GET", path, If_None_Match=tag), op("2", "DELETE", path), op("3", "GET", path)
    )

    assert (same["status"], same["body"], same["headers"]["ETag"]) == (304, None, tag)
    assert (gone["status"], gone["body"]) == (204, None)
    assert after["status"] == 404


def test_batch__precondition_of_an_operation__holds_for_it_alone(client: SignedInClient) -> None:
    [made] = results(client, op("1", "POST", EVENTS, BODY))
    path = f"{EVENTS}/{made['body']['id']}"

    stale, fresh = results(
        client,
        op("1", "PATCH", path, {"title": "No"}, If_Match='"v999.x"'),
        op("2", "PATCH", path, {"title": "Yes"}, If_Match=client.get(path)["ETag"]),
    )

    assert outcome(stale) == (412, "precondition_failed")
    assert fresh["body"]["title"] == "Yes"


def test_batch__key_of_an_operation__replayed_when_it_comes_again(client: SignedInClient) -> None:
    first, second, reused = results(
        client,
        op("1", "POST", EVENTS, BODY, Idempotency_Key="k1"),
        op("2", "POST", EVENTS, BODY, Idempotency_Key="k1"),
        op("3", "POST", EVENTS, {**BODY, "title": "Other"}, Idempotency_Key="k1"),
    )

    assert (second["status"], second["body"]) == (201, first["body"])
    assert second["headers"]["Idempotent-Replayed"] == "true"
    assert outcome(reused) == (422, "idempotency_key_reused")
    assert client.post(EVENTS, BODY, format="json", HTTP_IDEMPOTENCY_KEY="k1").json() == first["body"]
    assert Event.objects.count() == 1


@pytest.mark.parametrize("atomic", [False, True])
def test_batch__with_a_key_sent_again__each_operation_happens_once(client: SignedInClient, atomic: bool) -> None:
    operations = [op("1", "POST", EVENTS, BODY), op("2", "POST", EVENTS, BODY)]
    first = results(client, *operations, atomic=atomic, HTTP_IDEMPOTENCY_KEY="b1")
    again = results(client, *operations, atomic=atomic, HTTP_IDEMPOTENCY_KEY="b1")

    assert [each["body"] for each in again] == [each["body"] for each in first]
    assert [each["headers"].get("Idempotent-Replayed") for each in first + again] == [None, None, "true", "true"]
    assert Event.objects.count() == 2
    assert send(client, *operations, HTTP_IDEMPOTENCY_KEY="ü").status_code == 400


def test_batch__atomic__all_of_it_happens(client: SignedInClient) -> None:
    made = results(client, *(op(str(n), "POST", EVENTS, BODY) for n in range(3)), atomic=True)

    assert [each["status"] for each in made] == [201] * 3
    assert Event.objects.count() == 3


def test_batch__atomic_with_one_failure__leaves_nothing_behind(
    client: SignedInClient, enqueued_jobs: CapturedJobs, django_capture_on_commit_callbacks: Any
) -> None:
    told = OutboxEvent.objects.count()

    with django_capture_on_commit_callbacks(execute=True):
        first, failed, last = results(
            client,
            op("1", "POST", EVENTS, BODY, Idempotency_Key="k1"),
            op("2", "POST", EVENTS, WRONG),
            op("3", "POST", EVENTS, BODY),
            atomic=True,
        )

    assert (outcome(first), outcome(last)) == ((424, "rolled_back"), (424, "rolled_back"))
    assert outcome(failed)[0] == 422
    assert (Event.objects.count(), IdempotencyRecord.objects.count(), OutboxEvent.objects.count()) == (0, 0, told)
    assert enqueued_jobs.calls == []
    assert results(client, op("1", "POST", EVENTS, BODY, Idempotency_Key="k1"))[0]["status"] == 201


@pytest.mark.django_db(transaction=True)
def test_batch__atomic_on_committed_rows__leaves_nothing_behind(
    sign_in: SignIn, freelancer: User, enqueued_jobs: CapturedJobs
) -> None:
    client = sign_in(freelancer, Audience.ANDROID)
    told, rung = OutboxEvent.objects.count(), list(enqueued_jobs.calls)

    answers = results(client, op("1", "POST", EVENTS, BODY), op("2", "DELETE", f"{EVENTS}/{uuid7()}"), atomic=True)

    assert [each["status"] for each in answers] == [424, 404]
    assert (Event.objects.count(), OutboxEvent.objects.count(), enqueued_jobs.calls) == (0, told, rung)
    assert client.get(EVENTS).json()["data"] == []


@pytest.mark.django_db(transaction=True)
def test_batch__atomic_and_refused__refusal_stays_on_record(sign_in: SignIn, freelancer: User) -> None:
    client = sign_in(freelancer, Audience.ANDROID)

    made, refused = results(client, op("1", "POST", EVENTS, BODY), op("2", "POST", "/v1/webhooks", {}), atomic=True)

    assert (outcome(made), outcome(refused)) == ((424, "rolled_back"), (403, "insufficient_scope"))
    assert AuditEntry.objects.filter(decision_id=refused["body"]["decision_id"], outcome="denied").count() == 1
    assert refused["headers"]["X-Gigvora-Decision-Id"] == refused["body"]["decision_id"]


def test_batch__atomic_reading__refused_and_nothing_happened(client: SignedInClient) -> None:
    made, read = results(client, op("1", "POST", EVENTS, BODY), op("2", "GET", EVENTS), atomic=True)

    assert (outcome(made), outcome(read)) == ((424, "rolled_back"), (422, "batch_not_atomic"))
    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    "path",
    [
        "/v1/auth/login",
        "/v1/auth/refresh",
        "/v1/auth/logout",
        "/api/auth/login",
        "/v1/auth/me",
        "/v1/auth/second-factor/verify",
        "/v1/sessions",
        "/v1/devices",
        "/v1/batch",
        "/v1/%62atch",
        "/health",
        "/metrics",
        "/docs",
        "/v1/openapi.json",
        "/.well-known/jwks.json",
        "/privacy/delete-account",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_batch__what_must_come_by_itself__refused(client: SignedInClient, method: str, path: str) -> None:
    nested = {"operations": [op("1", "GET", EVENTS)]}

    [refused] = results(client, op("1", method, path, nested if method == "POST" else None))

    assert outcome(refused) == (422, "batch_not_allowed")
    assert refused["body"]["instance"] == path.replace("%62", "b")
    assert refused["body"]["trace_id"]


def test_batch__every_route_about_identity__has_to_come_by_itself() -> None:
    roots = ("/v1/auth", "/api/auth", "/v1/sessions", "/v1/devices", "/v1/security/events", "/v1/attestation")
    routes = [route for route in api_routes() if route.path.startswith((*roots, f"/{configured.STAFF_PATH}"))]

    assert len(routes) > 50
    assert [str(route) for route in routes if not batch._is_alone(resolve(route.address))] == []


def test_batch__staff_routes__are_like_nothing(client: SignedInClient) -> None:
    staff = [f"/{configured.STAFF_PATH}", f"/{configured.STAFF_PATH}api/", f"/{configured.STAFF_PATH}accounts/user/"]

    found = results(client, *(op(path, "GET", path) for path in [*staff, "/v1/nothing"]))

    assert {outcome(each) for each in found} == {(404, "not_found")}


def test_batch__file__refused(client: SignedInClient) -> None:
    [refused] = results(client, op("1", "GET", "/v1/calendar/export.ics"))

    assert outcome(refused) == (406, "batch_not_json")


def test_batch__answer_that_turns_out_to_be_a_file__refused_and_let_go(
    client: SignedInClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = BytesIO(b"{}")
    server = SimpleNamespace(get_response=lambda _: FileResponse(file, content_type="application/json"))
    monkeypatch.setattr(batch, "_handler", lambda: server)

    [refused] = results(client, op("1", "GET", EVENTS))

    assert outcome(refused) == (406, "batch_not_json")
    assert file.closed


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"method": "TRACE"}, "/operations/0/method", "invalid_choice"),
        ({"method": "post"}, "/operations/0/method", "invalid_choice"),
        ({"path": "https://example.com/v1/calendar/events"}, "/operations/0/path", "invalid"),
        ({"path": "//example.com/v1"}, "/operations/0/path", "invalid"),
        ({"path": "/v1/x\r\nHost: y"}, "/operations/0/path", "invalid"),
        ({"path": "/v1/x#y"}, "/operations/0/path", "invalid"),
        ({"path": "/" + "x" * 8000}, "/operations/0/path", "max_length"),
        ({"headers": {"Authorization": "Bearer x"}}, "/operations/0/headers/Authorization", "header_not_allowed"),
        ({"headers": {"X-Forwarded-For": "1.2.3.4"}}, "/operations/0/headers/X-Forwarded-For", "header_not_allowed"),
        ({"headers": {"host": "x"}}, "/operations/0/headers/host", "header_not_allowed"),
        ({"headers": {"X-Gigvora-Roles": "admin"}}, "/operations/0/headers/X-Gigvora-Roles", "header_not_allowed"),
        ({"headers": {"Prefer": "a\r\nb"}}, "/operations/0/headers/Prefer", "invalid"),
        ({"headers": {"Prefer": "a", "prefer": "b"}}, "/operations/0/headers", "duplicate"),
        ({"id": 7}, "/operations/0/id", "invalid_type"),
        ({"body": [{}]}, "/operations/0/body", "invalid_type"),
        ({"body": "x"}, "/operations/0/body", "invalid_type"),
        ({"user_id": "x"}, "/operations/0/user_id", "unknown_field"),
    ],
    ids=str,
)
def test_batch__operation_that_is_none__whole_batch_refused(
    client: SignedInClient, change: dict[str, Any], pointer: str, code: str
) -> None:
    answer = send(client, op("1", "POST", EVENTS, BODY) | change, op("2", "POST", EVENTS, BODY))

    assert answer.status_code == 422
    assert (pointer, code) in [(each["pointer"], each["code"]) for each in answer.json()["errors"]]
    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    ("ids", "pointers"),
    [
        ([], ["/operations"]),
        ([str(n) for n in range(51)], ["/operations"]),
        (["a", "b", "a"], ["/operations/0/id", "/operations/2/id"]),
    ],
    ids=["none", "51", "twice"],
)
def test_batch__too_few_too_many_or_twice__refused(client: SignedInClient, ids: list[str], pointers: list[str]) -> None:
    answer = send(client, *(op(each, "GET", EVENTS) for each in ids))

    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == pointers


def test_batch__over_a_megabyte__refused(client: SignedInClient) -> None:
    assert send(client, op("1", "POST", EVENTS, {**BODY, "description": "x" * 1_000_000})).status_code == 413


def test_batch__anonymous_or_with_a_dead_token__refused_once(client: SignedInClient) -> None:
    client.credentials()
    assert send(client, op("1", "GET", EVENTS)).status_code == 401
    client.credentials(HTTP_AUTHORIZATION="Bearer x")
    assert send(client, op("1", "GET", EVENTS)).status_code == 401


def test_batch__headers_of_the_client__hold_for_every_operation(client: SignedInClient) -> None:
    [old] = results(client, op("1", "GET", EVENTS), HTTP_X_APP_VERSION="2024.06.0")
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    [traced] = results(client, op("1", "GET", "/v1/nothing"), HTTP_TRACEPARENT=f"00-{trace_id}-b7ad6b7169203331-01")
    held = send(client, op("1", "GET", EVENTS), HTTP_X_GIGVORA_ROLES="admin")

    assert set(old["body"]) == {"count", "next", "previous", "results"}
    assert traced["body"]["trace_id"] == trace_id
    assert (held.status_code, held.json()["code"]) == (403, "role_not_held")


@pytest.mark.parametrize("atomic", [False, True])
def test_row_31__ids_of_others_in_a_batch__are_the_same_as_none(
    client: SignedInClient, sign_in: SignIn, other_freelancer: User, atomic: bool
) -> None:
    [made] = results(sign_in(other_freelancer, Audience.ANDROID), op("1", "POST", EVENTS, BODY))
    theirs, nobodys = made["body"]["id"], uuid7()
    tries: list[tuple[str, str, Any]] = [("PATCH", "", {"title": "x"}), ("DELETE", "", None), ("POST", "/cancel", None)]
    if not atomic:
        tries.append(("GET", "", None))

    for method, below, body in tries:
        answers = [
            results(client, op("1", method, f"{EVENTS}/{pk}{below}", body), atomic=atomic)[0]
            for pk in (theirs, nobodys)
        ]
        assert [outcome(each) for each in answers] == [(404, "not_found")] * 2
        assert len({_likeness(each, pk) for each, pk in zip(answers, (theirs, nobodys), strict=True)}) == 1
    assert Event.objects.get(id=UUID(theirs)).title == BODY["title"]


def _likeness(result: dict[str, Any], pk: Any) -> str:
    body = {name: value for name, value in result["body"].items() if name not in {"trace_id", "decision_id"}}
    return str(sorted(body.items())).replace(str(pk), "{id}")


def test_row_40__operations_of_a_batch__are_counted_one_by_one(client: SignedInClient, settings: Settings) -> None:
    settings.RATE_LIMIT_SCALE, settings.CACHES = 0.02, {"default": MEMORY}  # a device may send 6 in a minute
    gcra.memory.clear()

    answer = send(client, *(op(str(n), "GET", EVENTS) for n in range(8)))
    by_itself = client.get(EVENTS)
    gcra.memory.clear()

    found = answer.json()["results"]
    assert [each["status"] for each in found] == [200] * 5 + [429] * 3, "the batch itself is one, too"
    assert found[0]["headers"]["RateLimit"].startswith('"device";r=4;')
    assert int(found[-1]["headers"]["Retry-After"]) in range(1, 11)
    assert by_itself.status_code == 429


def test_row_40__atomic_batch_that_was_taken_back__stays_charged(client: SignedInClient, settings: Settings) -> None:
    settings.RATE_LIMIT_SCALE, settings.CACHES = 0.02, {"default": MEMORY}
    gcra.memory.clear()

    taken_back = results(client, *(op(str(n), "POST", EVENTS, BODY) for n in range(8)), atomic=True)
    by_itself = client.get(EVENTS)
    gcra.memory.clear()

    assert [each["status"] for each in taken_back] == [424] * 5 + [429] + [424] * 2
    assert by_itself.status_code == 429
    assert Event.objects.count() == 0
