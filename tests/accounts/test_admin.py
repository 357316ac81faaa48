import pytest
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from access.selectors import security_events_of
from accounts.events import SessionEnded
from accounts.models import DeviceSession, User
from core.http.access import Audience
from events.models import OutboxEvent
from tests.accounts.actors import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.mark.parametrize("model", ["user", "workspace", "device", "devicesession"])
def test_screens__staff__can_look_but_not_add_change_or_delete(
    browser: Client, freelancer: User, sign_in: SignIn, model: str
) -> None:
    session = sign_in(freelancer, Audience.IOS, fingerprint="abc").signed_in.session
    rows = {
        "user": freelancer.id,
        "workspace": freelancer.workspaces.get().id,
        "device": session.device_id,
        "devicesession": session.id,
    }
    base = f"/{settings.STAFF_PATH}accounts/{model}/"

    assert browser.get(base).status_code == 200
    page = browser.get(f"{base}{rows[model]}/change/")
    assert page.status_code == 200
    assert bytes(session.key).hex() not in page.content.decode()
    assert freelancer.password not in page.content.decode()
    assert browser.get(f"{base}add/").status_code == 403
    assert browser.post(f"{base}{rows[model]}/delete/", {"post": "yes"}).status_code == 403


def test_revoke__chosen_sessions__end_through_the_service(browser: Client, freelancer: User, sign_in: SignIn) -> None:
    session = sign_in(freelancer).signed_in.session

    browser.post(
        f"/{settings.STAFF_PATH}accounts/devicesession/",
        {"action": "revoke", "_selected_action": [str(session.id)]},
    )

    assert DeviceSession.objects.get().revoked_reason == "revoked"


def test_revoke__by_staff__names_them_and_is_told_to_the_owner(
    browser: Client, staff: User, freelancer: User, sign_in: SignIn
) -> None:
    session = sign_in(freelancer).signed_in.session

    browser.post(
        f"/{settings.STAFF_PATH}accounts/devicesession/",
        {"action": "revoke", "_selected_action": [str(session.id)]},
    )

    entry = security_events_of(freelancer.id).get(action="session.revoked")
    assert (entry.user_id, entry.target_type, entry.target_id, entry.reason, entry.details) == (
        staff.id, "user", str(freelancer.id), "revoked", {"session": str(session.id)},
    )  # fmt: skip
    assert OutboxEvent.objects.get(name=SessionEnded.name).actor_id == staff.id


def test_revoke__all_that_somebody_has__closes_the_staff_site_too(
    browser: Client, support: User, sign_in: SignIn
) -> None:
    kept, other = sign_in(support).signed_in.session, sign_in(support).signed_in.session
    cookie = Client()
    cookie.force_login(support)
    page = f"/{settings.STAFF_PATH}accounts/devicesession/"

    browser.post(page, {"action": "revoke", "_selected_action": [str(other.id)]})
    assert cookie.get(f"/{settings.STAFF_PATH}").status_code == 200  # chosen one by one, others go on
    browser.post(page, {"action": "revoke", "_selected_action": [str(kept.id)]})

    assert cookie.get(f"/{settings.STAFF_PATH}").status_code == 302
    assert browser.get(page).status_code == 200  # whoever did it


def test_sessions__cleared_by_staff__leave_the_staff_site_too(browser: Client, staff: User, sign_in: SignIn) -> None:
    own, other = sign_in(staff, Audience.ADMIN), sign_in(staff)

    assert own.delete("/v1/sessions").status_code == 204

    assert browser.get(f"/{settings.STAFF_PATH}").status_code == 302
    renewed = [
        APIClient().post("/v1/auth/refresh", {"refresh_token": client.signed_in.tokens.refresh_token}, format="json")
        for client in (own, other)
    ]
    assert [answer.status_code for answer in renewed] == [200, 401]


def test_suspend__chosen_people__are_signed_out(browser: Client, freelancer: User, sign_in: SignIn) -> None:
    sign_in(freelancer)

    browser.post(
        f"/{settings.STAFF_PATH}accounts/user/", {"action": "suspend", "_selected_action": [str(freelancer.id)]}
    )

    freelancer.refresh_from_db()
    assert not freelancer.is_active
    assert DeviceSession.objects.get().revoked_reason == "suspended"


def test_suspend__staff_who_may_only_look__cannot(freelancer: User, support: User) -> None:
    browser = Client()
    browser.force_login(support)

    browser.post(
        f"/{settings.STAFF_PATH}accounts/user/", {"action": "suspend", "_selected_action": [str(freelancer.id)]}
    )

    freelancer.refresh_from_db()
    assert freelancer.is_active


@pytest.mark.parametrize("persona", ["support", "support_lead"])
@pytest.mark.parametrize(
    ("screen", "look"),
    [
        ("accounts/user/", 200),
        ("accounts/workspace/", 200),
        ("accounts/device/", 200),
        ("accounts/devicesession/", 200),
        ("access/auditentry/", 200),
        ("accounts/user/add/", 403),
    ],
)
def test_screens__support__looks_at_people_and_the_trail_alone(
    request: pytest.FixtureRequest, persona: str, screen: str, look: int
) -> None:
    browser = Client()
    browser.force_login(request.getfixturevalue(persona))

    assert browser.get(f"/{settings.STAFF_PATH}{screen}").status_code == look
    index = browser.get(f"/{settings.STAFF_PATH}").content.decode()
    shown = ("Device sessions" in index, "Audit entries" in index, "Roles" in index)
    assert shown == (True, True, persona == "support_lead")


def test_screens__marketing__has_none_yet(marketer: User) -> None:
    browser = Client()
    browser.force_login(marketer)

    assert browser.get(f"/{settings.STAFF_PATH}").status_code == 200
    assert browser.get(f"/{settings.STAFF_PATH}accounts/user/").status_code == 403


def test_screens__support__cannot_change_a_person(freelancer: User, support_lead: User) -> None:
    browser = Client()
    browser.force_login(support_lead)
    row = f"/{settings.STAFF_PATH}accounts/user/{freelancer.id}"

    assert browser.get(f"{row}/change/").status_code == 200
    assert browser.post(f"{row}/change/", {"is_superuser": "on"}).status_code == 403
    assert browser.post(f"{row}/delete/", {"post": "yes"}).status_code == 403
    browser.post(
        f"/{settings.STAFF_PATH}accounts/user/", {"action": "suspend", "_selected_action": [str(freelancer.id)]}
    )
    freelancer.refresh_from_db()
    assert (freelancer.is_active, freelancer.is_superuser) == (True, False)


@pytest.mark.parametrize(("persona", "reason"), [("support", ""), ("support_lead", "revoked")])
def test_revoke__support__is_for_the_lead_alone(
    request: pytest.FixtureRequest, freelancer: User, sign_in: SignIn, persona: str, reason: str
) -> None:
    session = sign_in(freelancer).signed_in.session
    browser = Client()
    browser.force_login(request.getfixturevalue(persona))

    browser.post(
        f"/{settings.STAFF_PATH}accounts/devicesession/",
        {"action": "revoke", "_selected_action": [str(session.id)]},
    )

    assert DeviceSession.objects.get(id=session.id).revoked_reason == reason


def test_staff_sign_in__no_address_at_all__is_refused_like_any_other(db: None) -> None:
    response = Client().post(f"/{settings.STAFF_PATH}login/", {"username": "not an address", "password": "x"})

    assert response.status_code == 200
    assert "Please enter the correct" in response.content.decode()


def test_suspend__the_last_admin__is_refused(browser: Client, staff: User) -> None:
    browser.post(f"/{settings.STAFF_PATH}accounts/user/", {"action": "suspend", "_selected_action": [str(staff.id)]})

    staff.refresh_from_db()
    assert staff.is_active


def test_sign_out__chosen_people__end_all_that_they_have(browser: Client, freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    before = freelancer.security_version

    browser.post(
        f"/{settings.STAFF_PATH}accounts/user/", {"action": "sign_out", "_selected_action": [str(freelancer.id)]}
    )

    freelancer.refresh_from_db()
    assert freelancer.security_version == before + 1
    assert client.get("/v1/auth/me").status_code == 401
    assert "user.signed_out" in {each.action for each in security_events_of(freelancer.id)}
