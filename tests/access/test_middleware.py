"""Enforcement from the outside: every kind of view, through the whole middleware stack."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings
from rest_framework.test import APIClient

from access.models import AuditEntry
from core.http.access import Audience
from tests.access.conftest import MakePrincipal

pytestmark = pytest.mark.django_db

HEADER = "X-Gigvora-Decision-Id"


@pytest.fixture(autouse=True)
def _routes() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.access.urls"):
        yield


@pytest.fixture
def as_caller() -> Callable[..., APIClient]:
    def make(principal: Any = None) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.force_authenticate(user=principal)
        return client

    return make


AsCaller = Callable[..., APIClient]


def the_entry() -> AuditEntry:
    return AuditEntry.objects.get()


@pytest.mark.parametrize("address", ["/own", "/foreign", "/function/name"])
def test_route__without_the_scope__is_403_with_a_decision_on_record(
    as_caller: AsCaller, principal: MakePrincipal, address: str
) -> None:
    caller = principal("a:other", roles=("client",))

    response = as_caller(caller).get(address, HTTP_USER_AGENT="Gigvora/1.0", REMOTE_ADDR="203.0.113.9")

    problem, entry = response.json(), the_entry()
    assert response.status_code == 403
    assert problem == {
        "type": "https://docs.gigvora.com/problems/insufficient_scope",
        "title": "Forbidden",
        "status": 403,
        "detail": "Your account may not do this.",
        "instance": address,
        "code": "insufficient_scope",
        "message": "Your account may not do this.",
        "trace_id": response["X-Trace-Id"],
        "decision_id": entry.decision_id,
        "scope": "a:read",
    }
    assert response[HEADER] == entry.decision_id
    assert response["WWW-Authenticate"] == 'Bearer realm="gigvora", error="insufficient_scope", scope="a:read"'
    assert (entry.action, entry.outcome, entry.reason) == ("scope.denied", "denied", "insufficient_scope")
    assert (entry.user_id, entry.session_id, entry.device_id) == (
        caller.user_id,
        caller.session_id,
        caller.device_id,
    )
    assert (entry.channel, entry.ip, entry.user_agent) == ("mobile-android", "203.0.113.9", "Gigvora/1.0")
    assert entry.trace_id == response["X-Trace-Id"]
    assert entry.details["roles"] == ["client"]


@pytest.mark.parametrize("address", ["/own", "/foreign", "/function/name"])
def test_route__with_the_scope__is_served_without_a_trace_in_the_trail(
    as_caller: AsCaller, principal: MakePrincipal, address: str
) -> None:
    response = as_caller(principal("a:read")).get(address)

    assert response.status_code == 200
    assert HEADER not in response
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("address", ["/own", "/foreign", "/function/name"])
def test_route__nobody_signed_in__is_401(as_caller: AsCaller, address: str) -> None:
    response = as_caller().get(address)

    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
    assert response[HEADER] == response.json()["decision_id"] == the_entry().decision_id
    assert response["WWW-Authenticate"].startswith("Bearer ")


def test_route__write_without_the_write_scope__is_403(as_caller: AsCaller, principal: MakePrincipal) -> None:
    assert as_caller(principal("a:read")).post("/own").status_code == 403
    assert as_caller(principal("a:write")).post("/own").status_code == 200


@pytest.mark.parametrize("override", ["X-HTTP-Method-Override", "X-Method-Override"])
def test_route__method_override_header__is_ignored(
    as_caller: AsCaller, principal: MakePrincipal, override: str
) -> None:
    assert as_caller(principal("a:read")).post("/own?_method=GET", headers={override: "GET"}).status_code == 403


def test_route__other_audience__is_403(as_caller: AsCaller, principal: MakePrincipal) -> None:
    response = as_caller(principal("a:read", audience=Audience.IOS)).get("/web")

    assert (response.status_code, response.json()["code"]) == (403, "audience_not_allowed")
    assert the_entry().action == "audience.denied"


@pytest.mark.parametrize("audience", [Audience.ANDROID, Audience.IOS, Audience.WEB])
def test_staff_route__superuser_of_another_audience__is_404_like_nothing(
    as_caller: AsCaller, principal: MakePrincipal, audience: Audience
) -> None:
    caller = principal("admin:*", audience=audience, is_superuser=True)

    staff, nothing = as_caller(caller).get("/staff-api"), as_caller(caller).get("/no-such-api")

    assert (staff.status_code, nothing.status_code) == (404, 404)
    assert unlike(staff.json()) == unlike(nothing.json())
    assert sorted(staff.headers) == sorted(nothing.headers)
    denied = AuditEntry.objects.get(decision_id=staff[HEADER])
    assert (denied.action, denied.outcome, denied.user_id) == ("admin.access", "denied", caller.user_id)


def test_staff_route__asked_for_as_a_page__is_the_page_of_nothing(
    as_caller: AsCaller, principal: MakePrincipal
) -> None:
    client = as_caller(principal())
    page = {"Accept": "text/html", "Authorization": "Bearer whatever"}

    staff, nothing = client.get("/staff-api", headers=page), client.get("/no-such-api", headers=page)

    assert (staff.status_code, staff["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert staff.content.replace(b"staff-api", b"no-such-api") == nothing.content


def unlike(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem document without what differs from answer to answer."""
    assert problem["decision_id"].startswith("dec_")
    return {name: value for name, value in problem.items() if name not in {"instance", "trace_id", "decision_id"}}


def test_staff_route__nobody_signed_in__is_404(as_caller: AsCaller) -> None:
    assert as_caller().get("/staff-api").status_code == 404


def test_staff_route__admin_audience__needs_the_scope_or_a_superuser(
    as_caller: AsCaller, principal: MakePrincipal
) -> None:
    def status(*scopes: str, **given: Any) -> int:
        return as_caller(principal(*scopes, audience=Audience.ADMIN, **given)).get("/staff-api").status_code

    assert (status(), status("admin:*"), status(is_superuser=True)) == (403, 200, 200)


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/access/role/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_staff_tree__bearer_of_a_mobile_audience__is_404(
    as_caller: AsCaller, principal: MakePrincipal, address: str, method: str
) -> None:
    caller = principal("admin:*", is_superuser=True)
    client = as_caller(caller)
    client.handler.enforce_csrf_checks = True

    response = getattr(client, method)(address, HTTP_AUTHORIZATION="Bearer whatever")

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert (the_entry().action, the_entry().user_id) == ("admin.access", caller.user_id)


def test_staff_tree__no_token__asks_for_the_staff_sign_in(as_caller: AsCaller) -> None:
    response = as_caller().get("/admin/")

    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/")


@pytest.mark.parametrize("address", ["/own", "/foreign", "/function/name"])
def test_api__session_cookie_of_a_superuser__is_401(make_user: Callable[..., Any], address: str) -> None:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))

    assert client.get(address).status_code == 401


def test_public_function__session_cookie__has_no_user(make_user: Callable[..., Any]) -> None:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))

    assert client.get("/public").json() == {"user": "None"}


def test_undeclared_route__anybody__is_404(as_caller: AsCaller, principal: MakePrincipal) -> None:
    assert as_caller(principal("a:read", is_superuser=True)).get("/undeclared").status_code == 404


def test_sensitive_route__granted__is_on_record_and_says_so(as_caller: AsCaller, principal: MakePrincipal) -> None:
    caller = principal("a:read")

    response = as_caller(caller).get("/sensitive")

    entry = the_entry()
    assert (response.status_code, response[HEADER]) == (200, entry.decision_id)
    assert (entry.action, entry.outcome, entry.user_id) == ("access.granted", "success", caller.user_id)


@pytest.mark.django_db(transaction=True)
def test_refusal__inside_a_transaction_that_rolls_back__stays_on_record(
    as_caller: AsCaller, principal: MakePrincipal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An atomic batch refuses one operation and undoes all: what was refused must be found all the same."""
    from tests.access.urls import OwnView  # noqa: PLC0415

    def post(self: Any, request: Any) -> None:
        from access.services import enforce  # noqa: PLC0415

        with transaction.atomic():
            enforce(request.user, OwnView.access, method="POST", route="inner")

    monkeypatch.setattr(OwnView, "get", post)

    response = as_caller(principal("a:read")).get("/own")

    assert response.status_code == 403
    assert the_entry().decision_id == response.json()["decision_id"] == response[HEADER]
