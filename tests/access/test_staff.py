"""The staff site: signing in, staying in, editing roles, reading the trail."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from access import redaction
from access.models import AuditEntry
from access.services import authorize, record
from core.http.access import Access
from tests.access.conftest import MakePrincipal

pytestmark = pytest.mark.django_db

LOGIN = f"/{settings.STAFF_PATH}login/"
INDEX = f"/{settings.STAFF_PATH}"
PASSWORD = "correct-horse-battery-9"


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    cache.clear()


@pytest.fixture
def staff(make_user: Callable[..., Any]) -> Any:
    user = make_user("staff@example.com", is_staff=True, is_superuser=True)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def signed_in(staff: Any) -> Client:
    client = Client()
    assert attempt(client).status_code == 302
    return client


def attempt(client: Client, password: str = PASSWORD, email: str = "staff@example.com", **given: Any) -> Any:
    return client.post(LOGIN, {"username": email, "password": password}, **given)


def trail() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("action", "outcome"))


def test_sign_in__right_password__is_on_record(staff: Any) -> None:
    response = attempt(Client(), REMOTE_ADDR="203.0.113.5")

    entry = AuditEntry.objects.get()
    assert response.status_code == 302
    assert trail() == [("login.success", "success")]
    assert (entry.user_id, entry.channel, entry.ip, entry.details) == (
        staff.pk, "admin", "203.0.113.5", {"site": "staff"},
    )  # fmt: skip


@pytest.mark.parametrize(("email", "known"), [("staff@example.com", True), ("nobody@example.com", False)])
def test_sign_in__wrong_password_or_address__is_on_record_and_looks_the_same(
    staff: Any, email: str, known: bool
) -> None:
    response = attempt(Client(), "wrong", email)

    entry = AuditEntry.objects.get()
    assert response.status_code == 200
    assert "Please enter the correct" in response.content.decode()
    assert trail() == [("login.failure", "failure")]
    assert (entry.target_id == str(staff.pk)) is known
    assert "wrong" not in str(entry.details)


def test_sign_in__too_many_attempts__is_429_for_that_network_alone(staff: Any) -> None:
    with time_machine.travel(timezone.now(), tick=False):  # windows are fixed minutes
        for _ in range(10):
            attempt(Client(), "wrong")

        refused = attempt(Client())

        assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (429, "rate_limited", "60")
        assert attempt(Client(), REMOTE_ADDR="198.51.100.7").status_code == 302


def test_sign_in__cache_is_lost__still_lets_the_staff_in(staff: Any) -> None:
    lost = {"BACKEND": "core.cache.ResilientRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    with override_settings(CACHES={"default": lost}):
        assert attempt(Client()).status_code == 302


def test_sign_in__user_who_is_not_staff__is_refused(make_user: Callable[..., Any]) -> None:
    user = make_user("client@example.com")
    user.set_password(PASSWORD)
    user.save()

    response = attempt(Client(), email="client@example.com")

    assert response.status_code == 200
    assert trail() == [("login.failure", "failure")]


def test_session__busy_for_longer_than_the_limit__must_sign_in_again(signed_in: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(25):  # twelve and a half hours, never idle
            clock.shift(timedelta(minutes=29))
            last = signed_in.get(INDEX)

        assert last.status_code == 302
        assert attempt(signed_in).status_code == 302
        assert signed_in.get(INDEX).status_code == 200


def test_session__idle_for_half_an_hour__is_over(signed_in: Client) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        assert signed_in.get(INDEX).status_code == 302


def test_audit_pages__search_and_filters__find_and_never_change(signed_in: Client, staff: Any) -> None:
    record(action="password.changed", outcome="success", user_id=staff.pk, reason="by the owner")
    entry = AuditEntry.objects.get(action="password.changed")
    trail_page = f"{INDEX}access/auditentry/"

    found = signed_in.get(trail_page, {"q": str(staff.pk), "outcome__exact": "success"}).content.decode()
    by_trace = signed_in.get(trail_page, {"q": entry.trace_id}).content.decode()

    assert "password.changed" in found
    assert "password.changed" in by_trace
    assert "login.success" not in by_trace
    assert signed_in.get(f"{trail_page}{entry.pk}/change/").status_code == 200
    assert signed_in.post(f"{trail_page}{entry.pk}/change/", {"reason": "x"}).status_code == 403
    assert signed_in.post(f"{trail_page}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert signed_in.get(f"{trail_page}add/").status_code == 403


def test_decision_page__refusal__is_explained_gate_by_gate(signed_in: Client) -> None:
    refused = Client().get("/v1/auth/me")["X-Gigvora-Decision-Id"]
    page = f"{INDEX}access/auditentry/decision/"

    shown = signed_in.get(page, {"id": refused}).content.decode()

    assert "Refused: unauthenticated" in shown
    assert "signing in with one of: gigvora-admin" in shown
    assert '<td class="refused">refused</td>' in shown
    assert "No such decision" in signed_in.get(page, {"id": "dec_nothing"}).content.decode()
    entry = AuditEntry.objects.get(decision_id=refused)
    assert f"?id={refused}" in signed_in.get(f"{INDEX}access/auditentry/{entry.pk}/change/").content.decode()


def test_decision_page__decision_about_somebody_erased__says_that_its_details_are_gone(
    signed_in: Client, principal: MakePrincipal
) -> None:
    caller = principal()
    decision = authorize(caller, Access("admin:*"), method="GET", route="v1/things")
    redaction.redact(caller.user_id)

    response = signed_in.get(f"{INDEX}access/auditentry/decision/", {"id": decision.id})

    assert response.status_code == 200
    assert "Refused: erased with the person it was about" in response.content.decode()


def test_decision_page__staff_who_may_not_look__is_403(make_user: Callable[..., Any]) -> None:
    client = Client()
    client.force_login(make_user("helper@example.com", is_staff=True))

    assert client.get(f"{INDEX}access/auditentry/decision/").status_code == 403


def test_password_change__in_the_staff_site__is_not_offered(signed_in: Client) -> None:
    assert "password_change" not in signed_in.get(INDEX).content.decode()
    assert signed_in.get(f"{INDEX}password_change/").status_code == 404
