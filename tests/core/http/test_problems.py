"""Every way to fail ends in a problem document that says what a client may know, and nothing else."""

from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django import Settings

from core.context import Context, scope
from core.errors import Conflict, Unauthenticated
from core.http.problems import document, headers

pytestmark = [pytest.mark.urls("tests.core.http.urls"), pytest.mark.django_db]


@pytest.fixture
def api() -> Client:
    return Client(raise_request_exception=False)


def problem(response: Any) -> dict[str, Any]:
    """The document, without what every one has in common, which is checked here."""
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = response.json()
    assert body.pop("trace_id") == response.headers["X-Trace-Id"]
    assert body.pop("type") == f"https://docs.gigvora.com/problems/{body['code']}"
    assert body.pop("status") == response.status_code
    assert body.pop("instance") == response.request["PATH_INFO"]
    assert body.pop("message") == body["detail"]
    assert body.pop("title")
    return body


@pytest.mark.parametrize("how", ["fail", "plain"])
@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("missing", 404, "not_found"),
        ("forbidden", 403, "forbidden"),
        ("busy", 503, "unavailable"),
        ("throttled", 429, "rate_limited"),
        ("unauthenticated", 401, "unauthenticated"),
        ("failed", 401, "unauthenticated"),
        ("denied", 403, "forbidden"),
        ("twice", 409, "conflict"),
        ("suspicious", 400, "bad_request"),
        ("bad", 400, "bad_request"),
        ("lost", 503, "unavailable"),
        ("closed", 503, "unavailable"),
        ("duplicate", 500, "internal_error"),
        ("database", 500, "internal_error"),
        ("bug", 500, "internal_error"),
    ],
)
def test_problem__any_exception__says_its_code_and_no_internals(
    api: Client, how: str, kind: str, status: int, code: str
) -> None:
    answer = api.get(f"/v1/{how}/{kind}")

    body = problem(answer)
    assert (answer.status_code, body["code"]) == (status, code)
    for secret in ("secret", "passwd", "10.0.0.5", "table", "Traceback", "not ours"):
        assert secret not in answer.content.decode()


def test_problem__unexpected_exception__logged_with_its_cause(api: Client, caplog: pytest.LogCaptureFixture) -> None:
    api.get("/v1/fail/bug")

    logged = [record for record in caplog.records if record.exc_info]
    assert [type(record.exc_info[1]).__name__ for record in logged if record.exc_info] == ["ZeroDivisionError"]


def test_problem__lost_database__may_be_tried_again_and_is_logged(
    api: Client, caplog: pytest.LogCaptureFixture
) -> None:
    answer = api.get("/v1/fail/lost")

    assert answer.headers["Retry-After"] == "1"
    assert "OperationalError answered with unavailable" in caplog.text


def test_problem__turned_away_for_want_of_room__is_logged_in_one_line(
    api: Client, caplog: pytest.LogCaptureFixture
) -> None:
    assert api.get("/v1/fail/busy").status_code == 503

    [noted] = [record for record in caplog.records if "answered with" in record.getMessage()]
    assert (noted.levelname, noted.exc_info) == ("WARNING", None)


def test_problem__database_lost_while_authenticating__unavailable(api: Client) -> None:
    answer = api.get("/v1/guarded")

    assert problem(answer) == {
        "code": "unavailable",
        "detail": "The service is busy. Try again shortly.",
        "retry_after": 1,
    }
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


class LosingMiddleware:
    """Stands for any that asks the database, such as the staff's sessions."""

    def __init__(self, get_response: Any) -> None:
        pass

    def __call__(self, request: HttpRequest) -> HttpResponse:
        raise OperationalError("server closed the connection unexpectedly")


def test_problem__database_lost_in_middleware__unavailable(api: Client, settings: Settings) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.LosingMiddleware"]

    answer = api.get("/v1/echo")

    assert (answer.status_code, problem(answer)["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize(("kind", "seconds"), [("throttled", "3"), ("busy", "7")])
def test_problem__retryable__says_when(api: Client, kind: str, seconds: str) -> None:
    assert api.get(f"/v1/fail/{kind}").headers["Retry-After"] == seconds


@pytest.mark.parametrize(("root", "name"), [("v1", "slot_id"), ("api", "slotId")])
def test_problem__with_extras__in_the_surfaces_case_beside_the_fixed_names(api: Client, root: str, name: str) -> None:
    answer = api.get(f"/{root}/fail/conflict")

    assert problem(answer) == {"code": "conflict", "detail": "Taken.", name: "s1", "decision_id": "dec_1"}
    assert answer.headers["X-Gigvora-Decision-Id"] == "dec_1"


@pytest.mark.parametrize(("root", "pointer"), [("v1", "/starts_at"), ("api", "/startsAt")])
def test_problem__invalid_value__points_in_the_surfaces_case(api: Client, root: str, pointer: str) -> None:
    assert problem(api.get(f"/{root}/fail/invalid")) == {
        "code": "validation_failed",
        "detail": "Some values are not acceptable.",
        "errors": [{"pointer": pointer, "code": "early", "message": "Too early."}],
    }


def test_problem__nested_lists__point_at_every_value(api: Client) -> None:
    order = {"title": "too long", "lines": [{"unit_price": 1}, {}, {"unit_price": "x"}], "tags": ["ok", "long"]}

    answer = api.post("/v1/orders", order, content_type="application/json")

    assert answer.status_code == 422
    assert [(entry["pointer"], entry["code"]) for entry in answer.json()["errors"]] == [
        ("/title", "max_length"),
        ("/lines/1/unit_price", "required"),
        ("/lines/2/unit_price", "invalid"),
        ("/tags/1", "max_length"),
    ]


@pytest.mark.parametrize(
    ("body", "entry"),
    [
        ({"title": "bad", "lines": []}, ("", "misfit")),
        ({"title": "early", "lines": []}, ("/startsAt", "early")),
        ({"title": "a", "lines": {}}, ("/lines", "not_a_list")),
        ([], ("", "invalid")),
    ],
)
def test_problem__of_the_whole_object__points_at_it(api: Client, body: Any, entry: tuple[str, str]) -> None:
    answer = api.post("/api/orders", body, content_type="application/json")

    assert [(found["pointer"], found["code"]) for found in answer.json()["errors"]] == [entry]


def test_problem__any__not_sniffed(api: Client) -> None:
    assert api.get("/v1/fail/bug").headers["X-Content-Type-Options"] == "nosniff"


def test_problem__unknown_route__not_found(api: Client) -> None:
    answer = api.get("/v1/nothing")

    assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")


def test_problem__wrong_method__names_the_allowed_ones(api: Client) -> None:
    answer = api.delete("/v1/echo")

    assert (answer.status_code, problem(answer)["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


@pytest.mark.parametrize("accept", ["image/png", "application/x-unknown", "text/html;level=9"])
def test_problem__nothing_acceptable__still_a_json_problem(api: Client, accept: str) -> None:
    answer = api.get("/v1/echo", headers={"accept": accept})

    assert (answer.status_code, problem(answer)["code"]) == (406, "not_acceptable")


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_problem__body_of_another_type__unsupported(api: Client, kind: str) -> None:
    answer = api.post("/v1/orders", b'{"a": 1}', content_type=kind)

    assert (answer.status_code, problem(answer)["code"]) == (415, "unsupported_media_type")


def test_problem__malformed_json__says_where(api: Client) -> None:
    answer = api.post("/v1/orders", b'{"a": 1,}', content_type="application/json")

    assert answer.status_code == 400
    assert problem(answer) == {
        "code": "malformed_json",
        "detail": (
            "The request body is not valid JSON: Expecting property name enclosed in double quotes at line 1, column 9."
        ),
    }


@pytest.mark.parametrize(("sent", "challenge"), [({}, ""), ({"authorization": "Bearer x"}, ', error="invalid_token"')])
def test_problem__unauthenticated__challenges(api: Client, sent: dict[str, str], challenge: str) -> None:
    answer = api.get("/v1/fail/unauthenticated", headers=sent)

    assert answer.headers["WWW-Authenticate"] == f'Bearer realm="gigvora"{challenge}'


@pytest.mark.parametrize(("kind", "status"), [("missing", 404), ("forbidden", 403), ("bad", 400), ("bug", 500)])
def test_page__for_a_browser_outside_of_the_api__html(api: Client, kind: str, status: int) -> None:
    answer = api.get(f"/people/{kind}", headers={"accept": "text/html,*/*;q=0.8"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_document__extra_with_a_fixed_name__does_not_replace_it() -> None:
    request = HttpRequest()
    request.path = "/v1/x"
    with scope(Context(trace_id="t")):
        assert document(Conflict(status="mine", code="other"), request) == {
            "type": "https://docs.gigvora.com/problems/conflict",
            "title": "Conflict",
            "status": 409,
            "detail": "The current state does not allow this.",
            "instance": "/v1/x",
            "code": "conflict",
            "message": "The current state does not allow this.",
            "trace_id": "t",
        }
    assert headers(Unauthenticated(), request)["WWW-Authenticate"] == 'Bearer realm="gigvora"'
