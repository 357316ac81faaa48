"""The screens of roles, people and requests, as staff of each kind use them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from access import services
from access.admin import people
from access.models import AccessRequest, AuditEntry, Role, Scope
from access.selectors import grants_of, held_by_role

pytestmark = pytest.mark.django_db

ROLES = f"/{settings.STAFF_PATH}access/role/"
REQUESTS = f"/{settings.STAFF_PATH}access/accessrequest/"


@pytest.fixture
def at_the_screen(make_user: Callable[..., Any]) -> Callable[[str, str], Client]:
    """`at_the_screen("ada", "admin")`: a client signed in to the staff site with that role."""

    def sign_in(name: str, role: str) -> Client:
        user = make_user(f"{name}@example.com")
        services.grant_role(actor=None, user_id=user.pk, role=role, reason="trial")
        user.refresh_from_db()
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def ada(at_the_screen: Any) -> Client:
    found: Client = at_the_screen("ada", "admin")
    return found


@pytest.fixture
def bert(at_the_screen: Any) -> Client:
    found: Client = at_the_screen("bert", "admin")
    return found


@pytest.fixture
def guest(db: None) -> str:
    """An everyday role that holds next to nothing."""
    Role.objects.create(name="guest").permissions.add(*scopes("calendar:edit", "calendar:view"))
    return "guest"


@pytest.fixture
def carl(make_user: Callable[..., Any]) -> Any:
    return make_user("carl@example.com")


def role_page(name: str) -> str:
    return f"{ROLES}{Role.objects.get(name=name).pk}/change/"


def person_page(user: Any) -> str:
    return f"{ROLES}people/{user.pk}/"


def scopes(*names: str) -> list[int]:
    return list(Scope.objects.filter(codename__in=names).values_list("pk", flat=True))


def text(response: Any) -> str:
    assert response.status_code == 200
    shown: str = response.content.decode()
    return shown


def test_roles__list__shows_scopes_and_members_at_a_constant_price(
    ada: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        shown = text(ada.get(ROLES))

    assert "<code>admin:people.read</code>" in shown
    assert "Look up a person" in shown


def test_role__everyday_scopes_changed__take_effect_on_record(ada: Client, guest: str) -> None:
    response = ada.post(role_page(guest), {"scopes": scopes("calendar:view"), "reason": "read only for now"})

    assert response.status_code == 302
    assert held_by_role(guest) == {"calendar:view"}
    assert AuditEntry.objects.get(action="role.changed").details == {"added": [], "removed": ["calendar:edit"]}


def test_role__staff_scope_added__waits(ada: Client) -> None:
    held = held_by_role("support")

    shown = text(
        ada.post(role_page("support"), {"scopes": scopes(*held, "admin:*"), "reason": "holidays"}, follow=True)
    )

    assert "it waits for another admin" in shown
    assert held_by_role("support") == held
    assert AccessRequest.objects.get().scopes == ["admin:*"]


def test_role__created_with_scopes__holds_them(ada: Client) -> None:
    response = ada.post(f"{ROLES}add/", {"name": "scheduler", "scopes": scopes("calendar:view"), "reason": "new team"})

    assert response.status_code == 302
    assert held_by_role("scheduler") == {"calendar:view"}


@pytest.mark.parametrize(
    ("form", "message"),
    [({"name": "Super Hero", "reason": "x"}, "Lower-case letters"), ({"name": "hero"}, "This field is required")],
)
def test_role__bad_name_or_no_reason__creates_nothing(ada: Client, form: dict[str, str], message: str) -> None:
    assert message in text(ada.post(f"{ROLES}add/", form))
    assert not Role.objects.filter(name__iendswith="hero").exists()


def test_role__deleting__is_not_offered(ada: Client) -> None:
    assert ada.post(role_page("support").replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert Role.objects.filter(name="support").exists()


def test_role__lead__looks_and_changes_nothing(at_the_screen: Any) -> None:
    lead = at_the_screen("lead", "support_lead")

    assert "lead@example.com" in text(lead.get(role_page("support_lead")))
    assert lead.post(role_page("client"), {"scopes": [], "reason": "x"}).status_code == 403
    assert lead.get(f"{ROLES}add/").status_code == 403


@pytest.mark.parametrize("role", ["support", "marketing"])
def test_screens__staff_who_may_not_give_roles__are_closed(at_the_screen: Any, carl: Any, role: str) -> None:
    client = at_the_screen("helper", role)

    for page in (ROLES, role_page("client"), person_page(carl), f"{ROLES}people/", REQUESTS):
        assert client.get(page).status_code == 403
    assert client.post(person_page(carl), {"give": "1", "role": "client", "reason": "x"}).status_code == 403


def test_people__known_address__leads_to_the_person(ada: Client, carl: Any) -> None:
    assert ada.get(f"{ROLES}people/", {"email": "carl@example.com"})["Location"] == person_page(carl)
    assert "There is no user" in text(ada.get(f"{ROLES}people/", {"email": "nobody@example.com"}))
    assert ada.get(f"{ROLES}people/01234567-89ab-7def-8123-456789abcdef/").status_code == 404


def test_person__everyday_role_given_and_taken__shows_both(at_the_screen: Any, carl: Any, guest: str) -> None:
    lead = at_the_screen("lead", "support_lead")

    given = text(lead.post(person_page(carl), {"give": "1", "role": guest, "reason": "by phone"}, follow=True))
    assert "The role guest was given." in given
    assert grants_of(carl.pk).roles == {guest}
    assert "lead@example.com" in given

    taken = text(lead.post(person_page(carl), {"take": "1", "role": guest, "reason": "a mistake"}, follow=True))
    assert "The role guest was taken." in taken
    assert grants_of(carl.pk).roles == frozenset()


@pytest.mark.parametrize("button", ["give", "take"])
def test_person__no_reason__changes_nothing(ada: Client, carl: Any, button: str) -> None:
    shown = text(ada.post(person_page(carl), {button: "1", "role": "client", "reason": ""}, follow=True))

    assert "Say why." in shown
    assert grants_of(carl.pk).roles == frozenset()


def test_person__oneself__is_offered_nothing_and_refused(ada: Client) -> None:
    own = f"{ROLES}people/{ada.session['_auth_user_id']}/"

    assert "Nobody gives roles to themselves" in text(ada.get(own))
    refused = text(ada.post(own, {"give": "1", "role": "client", "reason": "x"}, follow=True))
    assert "Nobody gives roles to themselves." in refused


def test_person__more_than_the_lead_holds__tells_what_is_missing(at_the_screen: Any, carl: Any) -> None:
    lead = at_the_screen("lead", "support_lead")

    shown = text(lead.post(person_page(carl), {"give": "1", "role": "admin", "reason": "x"}, follow=True))

    assert "You cannot give or take what you do not hold. Missing: admin:*" in shown


def test_request__four_eyes__from_asking_to_approval(ada: Client, bert: Client, carl: Any) -> None:
    shown = text(ada.post(person_page(carl), {"give": "1", "role": "support", "reason": "joins us"}, follow=True))
    assert "it waits for another admin" in shown
    asked = AccessRequest.objects.get()
    page, decide = f"{REQUESTS}{asked.pk}/change/", f"{REQUESTS}{asked.pk}/decide/"

    own = text(ada.get(page))
    assert 'value="Withdraw"' in own
    assert 'value="Approve"' not in own
    assert "Another admin must decide this" in text(ada.post(decide, {"approve": "1"}, follow=True))
    assert grants_of(carl.pk).roles == frozenset()

    others = text(bert.get(page))
    assert 'value="Approve"' in others
    assert "<code>admin:people.read</code>" in others
    assert "it has taken effect" in text(bert.post(decide, {"approve": "1", "note": "known"}, follow=True))
    assert grants_of(carl.pk).roles == {"support"}
    assert "bert@example.com" in text(ada.get(REQUESTS))


def test_request__rejected_or_decided_twice__is_told(ada: Client, bert: Client, carl: Any) -> None:
    ada.post(person_page(carl), {"give": "1", "role": "support", "reason": "joins us"})
    decide = f"{REQUESTS}{AccessRequest.objects.get().pk}/decide/"

    assert "The request is rejected." in text(bert.post(decide, {"reject": "1", "note": "who?"}, follow=True))
    assert "was decided" in text(bert.post(decide, {"approve": "1"}, follow=True))
    assert bert.get(decide).status_code == 405


def test_request__lead__sees_only_their_own(at_the_screen: Any, ada: Client, carl: Any) -> None:
    lead = at_the_screen("lead", "support_lead")
    ada.post(person_page(carl), {"give": "1", "role": "support", "reason": "secret plan"})

    assert "secret plan" not in text(lead.get(REQUESTS))
    assert lead.post(f"{REQUESTS}{AccessRequest.objects.get().pk}/decide/", {"approve": "1"}, follow=True)
    assert grants_of(carl.pk).roles == frozenset()


def test_request__to_widen_a_role__shows_everybody_who_would_gain(ada: Client, bert: Client, carl: Any) -> None:
    ada.post(f"{ROLES}add/", {"name": "auditor", "scopes": [], "reason": "audits"})
    ada.post(person_page(carl), {"give": "1", "role": "auditor", "reason": "audits"})
    ada.post(role_page("auditor"), {"scopes": scopes("admin:people.read"), "reason": "nobody has it"})
    asked = AccessRequest.objects.get()

    shown = text(bert.get(f"{REQUESTS}{asked.pk}/change/"))

    assert f'<a href="{person_page(carl)}">carl@example.com</a>' in shown


def test_request__to_widen_a_role_of_many__shows_some_and_how_many_more(
    ada: Client, bert: Client, carl: Any, make_user: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MAX_SHOWN", 1)
    for user in (carl, make_user("dora@example.com"), make_user("emil@example.com")):
        services.grant_role(actor=None, user_id=user.pk, role="client", reason="trial")
    ada.post(role_page("client"), {"scopes": scopes("admin:people.read"), "reason": "all of them"})

    shown = text(bert.get(f"{REQUESTS}{AccessRequest.objects.get().pk}/change/"))

    assert "carl@example.com</a> and 2 more" in shown
