"""Links sent by mail: what they do, once, and what cannot be learnt by asking for them."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.events import LinkRequested
from accounts.models import DeviceSession, MailedToken, User
from accounts.services import links, recovery
from accounts.types import Purpose
from core.testing.jobs import CapturedJobs
from events.models import Delivery, OutboxEvent
from events.services import dispatch
from tests.accounts.actors import PASSWORD, SignIn

pytestmark = pytest.mark.django_db(transaction=True)
NEW_PASSWORD = "another-Long-9-words"


def post(path: str, body: dict[str, Any], **headers: str) -> Any:
    return APIClient().post(f"/v1/auth/{path}", body, format="json", headers=headers)


def no_mail_server(**options: Any) -> Any:
    raise ConnectionRefusedError


def mailed_token(user: User, purpose: Purpose) -> str:
    links.mail_link(purpose=purpose, user_id=user.id)
    found = re.search(r"/([\w-]{43})\s", str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.mark.parametrize("path", ["verify-email", "forgot-password"])
def test_ask_for_link__known_and_unknown__are_answered_alike(
    freelancer: User, enqueued_jobs: CapturedJobs, path: str
) -> None:
    # case 22
    enqueued_jobs.calls.clear()  # of the fixture
    answers = [post(path, {"email": address}) for address in (freelancer.email, "nobody@example.com", "no address")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {answer.json()["message"] for answer in answers} == {"If this address has an account, a mail is on its way."}
    assert len(enqueued_jobs.names) == 3
    wishes = OutboxEvent.objects.filter(name=LinkRequested.name)
    assert [len(wishes), len({str(wish.payload) for wish in wishes}), {wish.actor_id for wish in wishes}] == [
        3,
        1,
        {None},
    ]
    enqueued_jobs.run(times=1)
    assert [message.to for message in mail.outbox] == [[freelancer.email]]


def test_ask_for_link__fourth_within_a_quarter_of_an_hour__waits(freelancer: User) -> None:
    for address in (freelancer.email, "nobody@example.com"):
        for route in ("forgot-password", "recovery/start"):
            answers = [APIClient().post(f"/v1/auth/{route}", {"email": address}, format="json") for _ in range(4)]
            assert [answer.status_code in {200, 202} for answer in answers] == [True, True, True, False]
            assert answers[-1].json()["code"] == "rate_limited"


@pytest.mark.parametrize("path", ["register", "verify-email", "forgot-password"])
def test_mail__doorbell_lost_and_mail_server_away__is_sent_once_it_is_back(
    freelancer: User, enqueued_jobs: CapturedJobs, settings: Settings, path: str
) -> None:
    email = "new@example.com" if path == "register" else freelancer.email
    password = {"password": NEW_PASSWORD} if path == "register" else {}
    assert post(path, {"email": email, **password}).status_code in {200, 201}
    enqueued_jobs.calls.clear()

    settings.EMAIL_BACKEND = "tests.accounts.test_links.no_mail_server"
    dispatch()
    waiting = Delivery.objects.filter(subscriber__startswith="accounts.").values_list("status", "attempts")
    assert (mail.outbox, set(waiting)) == ([], {("pending", 1)})

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        dispatch()
    assert [message.to for message in mail.outbox] == [[email]]
    assert dispatch() == 0


def test_mailed_link__any_request__leads_to_our_own_address(
    freelancer: User, enqueued_jobs: CapturedJobs, settings: Settings
) -> None:
    # case 20
    settings.PUBLIC_BASE_URL = "https://api.gigvora.com"
    post("forgot-password", {"email": freelancer.email}, Host="evil.example", **{"X-Forwarded-Host": "evil.example"})
    enqueued_jobs.run(times=1)

    message = mail.outbox[0]
    assert isinstance(message, mail.EmailMultiAlternatives)
    html, mime = message.alternatives[0]
    assert mime == "text/html"
    for body in (str(message.body), str(html)):
        assert re.findall(r"https?://[^/\s\"]+", body) == ["https://api.gigvora.com"]
        assert "evil" not in body


def test_mail__by_default__lands_as_a_file(freelancer: User, settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)

    links.mail_link(purpose=Purpose.VERIFY_EMAIL, user_id=freelancer.id)

    (written,) = tmp_path.iterdir()
    assert "Subject: Confirm your e-mail address" in written.read_text()


def test_mail__name_with_markup_and_line_breaks__stays_text(freelancer: User) -> None:
    freelancer.full_name = "<b>Eve</b>\r\nBcc: eve@evil.example"
    freelancer.email_verified_at = timezone.now()
    freelancer.save()
    links.mail_link(purpose=Purpose.RESET_PASSWORD, user_id=freelancer.id)

    message = mail.outbox[0]
    assert isinstance(message, mail.EmailMultiAlternatives)
    assert "&lt;b&gt;Eve" in str(message.alternatives[0][0])
    assert "<b>Eve" in str(message.body)
    assert message.recipients() == [freelancer.email]
    assert "Bcc" not in message.message()


@pytest.mark.parametrize("ask", [links.mail_link, recovery.mail_link])
@pytest.mark.parametrize("purpose", Purpose)
def test_mail__address_that_nobody_has_confirmed__calls_its_reader_by_no_name(
    freelancer: User, purpose: Purpose, ask: Any
) -> None:
    """Whoever registers with a stranger's address would write to them by the name."""
    User.objects.update(full_name="You have won: evil.example")
    User.objects.update(second_factor_at=timezone.now() if ask is recovery.mail_link else None)

    ask(user_id=freelancer.id, **({"purpose": purpose} if ask is links.mail_link else {}))

    (message,) = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    for body in (message.body, message.alternatives[0][0]):
        assert "evil.example" not in str(body)
        assert "Hello," in str(body)


def test_verify_email__json__confirms_once(freelancer: User) -> None:
    token = mailed_token(freelancer, Purpose.VERIFY_EMAIL)
    path = f"/v1/auth/verify-email/{token}"

    response = APIClient().get(path, headers={"Accept": "application/json"})

    assert (response.status_code, response.json()) == (200, {"message": "Your e-mail address is confirmed."})
    freelancer.refresh_from_db()
    assert freelancer.is_email_verified
    assert OutboxEvent.objects.filter(name="freelancer.verified").count() == 1
    again = APIClient().get(path, headers={"Accept": "application/json"})
    assert (again.status_code, again.json()["code"]) == (400, "invalid_link")


@pytest.mark.parametrize("accept", ["text/html", "*/*", "text/html,application/json;q=0.9", ""])
def test_verify_email__browser_or_scanner__sees_a_page_whose_button_confirms(freelancer: User, accept: str) -> None:
    # case 25
    token = mailed_token(freelancer, Purpose.VERIFY_EMAIL)
    path = f"/v1/auth/verify-email/{token}"

    for method in (APIClient().get, APIClient().head):
        page = method(path, headers={"Accept": accept})
        assert page.status_code == 200
        assert page.headers["Content-Type"].startswith("text/html")
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Frame-Options"] == "DENY"
    freelancer.refresh_from_db()
    assert not freelancer.is_email_verified

    done = APIClient().post(path, headers={"Accept": "text/html"})
    assert done.status_code == 200
    assert "Your e-mail address is confirmed." in done.content.decode()
    assert User.objects.get().is_email_verified
    assert APIClient().post(path, headers={"Accept": "text/html"}).status_code == 400


def test_verify_email__head_asking_for_json__confirms_nothing(freelancer: User) -> None:
    # case 25
    token = mailed_token(freelancer, Purpose.VERIFY_EMAIL)

    APIClient().head(f"/v1/auth/verify-email/{token}", headers={"Accept": "application/json"})

    freelancer.refresh_from_db()
    assert not freelancer.is_email_verified


def test_reset_password__right_link__sets_it_and_ends_every_session(
    freelancer: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    clients = [sign_in(freelancer), sign_in(freelancer)]
    token = mailed_token(freelancer, Purpose.RESET_PASSWORD)

    response = post("reset-password", {"token": token, "new_password": NEW_PASSWORD})

    assert (response.status_code, response.json()) == (200, {"message": "Your password is changed. Sign in again."})
    assert [client.get("/v1/auth/me").status_code for client in clients] == [401, 401]
    assert set(DeviceSession.objects.values_list("revoked_reason", flat=True)) == {"password_reset"}
    assert post("login", {"email": freelancer.email, "password": PASSWORD}).status_code == 401
    assert post("login", {"email": freelancer.email, "password": NEW_PASSWORD}).status_code == 200
    assert post("reset-password", {"token": token, "new_password": NEW_PASSWORD}).json()["code"] == "invalid_link"
    enqueued_jobs.run(times=1)
    assert mail.outbox[-1].subject == "Your password was changed"


def test_reset_password__mailed_to_a_former_address__is_invalid(freelancer: User) -> None:
    token = mailed_token(freelancer, Purpose.RESET_PASSWORD)
    User.objects.filter(id=freelancer.id).update(email="another@example.com")

    answer = post("reset-password", {"token": token, "new_password": NEW_PASSWORD})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_link")
    assert User.objects.get().check_password(PASSWORD)


def test_reset_password__weak_password__can_be_tried_again(freelancer: User) -> None:
    token = mailed_token(freelancer, Purpose.RESET_PASSWORD)

    refused = post("reset-password", {"token": token, "new_password": "password123"})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/new_password"
    assert post("reset-password", {"token": token, "new_password": NEW_PASSWORD}).status_code == 200


def test_reset_password__camel_case_surface__points_in_camel_case(freelancer: User) -> None:
    token = mailed_token(freelancer, Purpose.RESET_PASSWORD)

    refused = APIClient().post("/api/auth/reset-password", {"token": token, "newPassword": "short"}, format="json")

    assert refused.json()["errors"][0]["pointer"] == "/newPassword"


@pytest.mark.parametrize("token", ["", "x", "x" * 200, "../../me", "ä"])
def test_reset_password__unknown_link__is_invalid(db: None, token: str) -> None:
    response = post("reset-password", {"token": token, "new_password": NEW_PASSWORD})

    assert response.status_code in {400, 422}


def test_link__newer_one_or_an_hour_later__is_invalid(freelancer: User) -> None:
    # case 25
    older = mailed_token(freelancer, Purpose.RESET_PASSWORD)
    newer = mailed_token(freelancer, Purpose.RESET_PASSWORD)

    assert post("reset-password", {"token": older, "new_password": NEW_PASSWORD}).json()["code"] == "invalid_link"
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1), tick=False):
        assert post("reset-password", {"token": newer, "new_password": NEW_PASSWORD}).json()["code"] == "invalid_link"


def test_link__of_another_purpose__is_invalid(freelancer: User) -> None:
    token = mailed_token(freelancer, Purpose.VERIFY_EMAIL)

    assert post("reset-password", {"token": token, "new_password": NEW_PASSWORD}).json()["code"] == "invalid_link"


def test_link__stored__is_a_digest(freelancer: User) -> None:
    token = mailed_token(freelancer, Purpose.RESET_PASSWORD)

    assert token not in str(MailedToken.objects.values_list().get())


def test_reset_page__form__sets_the_password_or_says_why_not(freelancer: User) -> None:
    path = f"/v1/auth/reset-password/{mailed_token(freelancer, Purpose.RESET_PASSWORD)}"
    browser = APIClient()

    assert 'name="new_password"' in browser.get(path).content.decode()
    weak = browser.post(path, {"new_password": "short"})
    assert weak.status_code == 422
    assert "This password is too short" in weak.content.decode()
    done = browser.post(path, {"new_password": NEW_PASSWORD})
    assert (done.status_code, "Your password is changed." in done.content.decode()) == (200, True)
    freelancer.refresh_from_db()
    assert freelancer.check_password(NEW_PASSWORD)


def test_reset_page__hammered__is_slowed_down(db: None) -> None:
    path = "/v1/auth/reset-password/unknown"

    with time_machine.travel(timezone.now().replace(second=1), tick=False):  # the limit counts by the minute
        statuses = {APIClient().post(path, {"new_password": NEW_PASSWORD}).status_code for _ in range(25)}

    assert statuses == {400, 429}
