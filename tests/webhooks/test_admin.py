"""Webhooks in the staff site: who may look, what they may do, and a secret that is shown once."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse

from access import services as access
from access.models import AuditEntry, Role, Scope
from accounts.events import FreelancerRegistered, FreelancerVerified
from accounts.models import User
from core.contributions.scopes import Persona
from tests.accounts.actors import MakeUser, SignedInClient
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_sending import happen
from webhooks import services
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.scopes import STAFF

pytestmark = pytest.mark.django_db

REGISTER = "admin:webhooks_endpoint_register"
SCREENS = ["admin:webhooks_endpoint_changelist", "admin:webhooks_delivery_changelist", REGISTER]


@pytest.fixture
def operator(make_user: MakeUser) -> User:
    """Staff who hold `admin:webhooks` and nothing else."""
    Role.objects.create(name="operator").permissions.add(Scope.objects.get(codename=STAFF))
    user = make_user(persona=Persona.CLIENT, is_staff=True)
    access.grant_role(actor=None, user_id=user.pk, role="operator", reason="trial")
    return User.objects.get(pk=user.pk)


@pytest.fixture
def ours(operator: User, receiver: Receiver) -> Endpoint:
    """An endpoint of the platform."""
    return services.register_platform_endpoint(
        actor_id=operator.id, url=receiver.address, events=["freelancer.registered"]
    )


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def request_of(user: User) -> Any:
    request: Any = RequestFactory().post("/")
    request.user, request.session = user, {}
    request._messages = FallbackStorage(request)
    return request


def said(request: Any) -> list[str]:
    return [str(message) for message in request._messages]


def screen(model: Any) -> Any:
    return admin.site._registry[model]


def trail(what: str) -> list[tuple[Any, str]]:
    """Who did it, and to which endpoint."""
    return list(AuditEntry.objects.filter(action=f"webhook.{what}").values_list("user_id", "target_id"))


@pytest.mark.parametrize("model", [Endpoint, Delivery])
def test_screens__with_the_scope__show_and_change_nothing_by_hand(operator: User, support: User, model: Any) -> None:
    assert screen(model).get_model_perms(request_of(operator)) == {
        "add": False, "change": False, "delete": False, "view": True,
    }  # fmt: skip
    assert not screen(model).has_module_permission(request_of(support))
    assert screen(model).get_actions(request_of(support)) == {}


@pytest.mark.parametrize("name", SCREENS)
def test_screens__without_the_scope__are_refused(operator: User, support: User, name: str) -> None:
    assert browser_of(operator).get(reverse(name)).status_code == 200
    assert browser_of(support).get(reverse(name)).status_code == 403


def test_registering__without_the_scope__registers_nothing(support: User, receiver: Receiver) -> None:
    sent = {"url": receiver.address, "events": ["freelancer.registered"]}

    assert browser_of(support).post(reverse(REGISTER), sent).status_code == 403
    assert not Endpoint.objects.exists()


def test_actions__disable_and_enable__go_through_the_services_and_the_trail(operator: User, endpoint: Endpoint) -> None:
    browser, screen = browser_of(operator), reverse("admin:webhooks_endpoint_changelist")
    chosen = {"_selected_action": str(endpoint.id)}

    browser.post(screen, {**chosen, "action": "disable"})
    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.disabled_reason) == ("disabled", "staff")
    browser.post(screen, {**chosen, "action": "enable"})
    endpoint.refresh_from_db()

    assert (endpoint.status, endpoint.disabled_reason) == ("active", "")
    assert trail("disabled") == trail("enabled") == [(operator.id, str(endpoint.id))]


def test_disabled_by_staff__owner_wants_it_back__has_to_ask(
    operator: User, api_client: SignedInClient, endpoint: Endpoint
) -> None:
    here = f"/v1/webhooks/{endpoint.id}"
    api_client.post(f"{here}/disable")
    services.disable_by_staff(actor_id=operator.id, endpoint_id=endpoint.id)

    shown = api_client.post(f"{here}/disable").json()
    refused = api_client.post(f"{here}/enable")

    assert (shown["disabled_reason"], "enable" in shown["_links"]) == ("staff", False)
    assert (refused.status_code, refused.json()["code"]) == (409, "endpoint_withdrawn")
    services.enable_by_staff(actor_id=operator.id, endpoint_id=endpoint.id)
    assert api_client.get(here).json()["status"] == "active"


def test_action__new_secret__is_shown_once_and_signs_from_now_on(
    operator: User, endpoint: Endpoint, ours: Endpoint, other_freelancer: User, receiver: Receiver
) -> None:
    browser, screen = browser_of(operator), reverse("admin:webhooks_endpoint_changelist")

    answer = browser.post(screen, {"_selected_action": str(ours.id), "action": "rotate"})

    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]+", answer.content.decode())
    assert secret != ours.secret
    _assert_shown_once(browser, answer, ours, secret)
    receiver.secrets[:] = [secret]
    event_id = happen(FreelancerRegistered(aggregate_id=other_freelancer.id, locale="en", timezone="UTC"))
    services.deliver_due()
    assert receiver.deliveries == {str(event_id): 1}
    for chosen in ([str(ours.id), str(endpoint.id)], [str(endpoint.id)]):
        answer = browser.post(screen, {"_selected_action": chosen, "action": "rotate"}, follow=True)
        assert "whsec_" not in answer.content.decode()
    assert trail("secret_rotated") == [(operator.id, str(ours.id))]


def test_action__delete__takes_disabled_endpoints_of_the_platform_alone(
    operator: User, endpoint: Endpoint, ours: Endpoint
) -> None:
    browser, screen = browser_of(operator), reverse("admin:webhooks_endpoint_changelist")
    chosen = {"_selected_action": [str(ours.id), str(endpoint.id)], "action": "remove"}

    refused = browser.post(screen, chosen, follow=True).content.decode()
    assert "Disable it first." in refused
    assert Endpoint.objects.count() == 2
    services.disable_by_staff(actor_id=operator.id, endpoint_id=ours.id)
    browser.post(screen, chosen)

    assert list(Endpoint.objects.all()) == [endpoint]
    assert trail("deleted") == [(operator.id, str(ours.id))]


def test_action__replay__sends_once_more_and_says_what_is_not_possible(
    operator: User, endpoint: Endpoint, agency: User, receiver: Receiver
) -> None:
    event_id = happen(FreelancerVerified(aggregate_id=agency.id))
    services.deliver_due()
    request = request_of(operator)

    screen(Delivery).replay(request, Delivery.objects.all())
    services.deliver_due()
    assert receiver.deliveries == {str(event_id): 2}
    services.disable_by_staff(actor_id=operator.id, endpoint_id=endpoint.id)
    screen(Delivery).replay(request, Delivery.objects.all())

    assert said(request) == [
        "1 deliveries will be sent once more.",
        f"{endpoint}: This endpoint is disabled. Enable it first.",
        "0 deliveries will be sent once more.",
    ]
    assert trail("replayed") == [(operator.id, str(endpoint.id))]


def test_screens__searched_and_opened__show_rows_and_no_secret(
    operator: User, endpoint: Endpoint, agency: User
) -> None:
    happen(FreelancerVerified(aggregate_id=agency.id))
    services.deliver_due()
    delivery, browser = Delivery.objects.get(), browser_of(operator)

    for name, wanted, row in (
        ("endpoint", endpoint.workspace_id, endpoint),
        ("endpoint", endpoint.url[8:], endpoint),
        ("delivery", endpoint.id, delivery),
        ("delivery", delivery.subject_id, delivery),
    ):
        page = browser.get(reverse(f"admin:webhooks_{name}_changelist"), {"q": str(wanted)}).content.decode()
        address = reverse(f"admin:webhooks_{name}_change", args=[row.id])
        assert address in page
        opened = browser.get(address)
        assert opened.status_code == 200
        assert "sealed" not in opened.content.decode()
    assert str(Attempt.objects.get().latency_ms) in opened.content.decode()


def test_registering__endpoint_of_the_platform__hears_of_everybody_and_shows_its_secret_once(
    operator: User, other_freelancer: User, receiver: Receiver
) -> None:
    browser = browser_of(operator)
    sent = {"url": receiver.address, "events": ["freelancer.registered"], "description": "Warehouse"}

    answer = browser.post(reverse(REGISTER), sent)

    endpoint = Endpoint.objects.get()
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]+", answer.content.decode())
    assert (endpoint.workspace_id, endpoint.created_by_id, endpoint.description) == (None, operator.id, "Warehouse")
    assert trail("registered") == [(operator.id, str(endpoint.id))]
    receiver.secrets.append(secret)
    event_id = happen(FreelancerRegistered(aggregate_id=other_freelancer.id, locale="en", timezone="UTC"))
    services.deliver_due()
    assert receiver.deliveries == {str(event_id): 1}  # and its signature was right
    _assert_shown_once(browser, answer, endpoint, secret)


def _assert_shown_once(browser: Client, answer: Any, endpoint: Endpoint, secret: str) -> None:
    """Neither a browser nor the session, a cookie, the trail or another screen keeps a secret."""
    assert "no-store" in answer["Cache-Control"]
    assert "Location" not in answer
    assert secret not in str(browser.cookies)
    assert all(secret not in str(kept.get_decoded()) for kept in Session.objects.all())
    assert all(secret not in str(entry) for entry in AuditEntry.objects.values())
    for name, *args in (REGISTER,), (SCREENS[0],), ("admin:webhooks_endpoint_change", endpoint.id):
        assert "whsec_" not in browser.get(reverse(name, args=args)).content.decode()


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"url": "http://example.com/"}, "Events are sent to https addresses alone."),
        ({"url": "https://127.0.0.1/"}, "This address cannot be called."),
        ({"events": ["finance.transaction.posted"]}, "is not one of the available choices"),
        ({"events": []}, "This field is required."),
    ],
)
def test_registering__what_cannot_be__says_why_and_registers_nothing(
    operator: User, receiver: Receiver, sent: dict[str, Any], why: str
) -> None:
    usual = {"url": receiver.address, "events": ["freelancer.registered"]}

    page = browser_of(operator).post(reverse(REGISTER), {**usual, **sent})

    assert why in page.content.decode()
    assert not Endpoint.objects.exists()
