"""Deleting an account without the app: a form, a mail, a page behind a secret."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from access.errors import LastAdmin
from access.selectors import count_admins
from accounts.models import DeviceSession, User
from accounts.services import profile
from core.db.ids import uuid7
from events import services as events
from privacy.models import Erasure
from privacy.services import deletion
from tests.accounts.actors import SignedInClient
from tests.privacy.conftest import after_grace

pytestmark = pytest.mark.django_db
FORM = "/privacy/delete-account"
SENT = "If this address has an account, a mail is on its way."


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def link() -> str:
    """The path of the link in the last mail."""
    found = re.search(r"https?://[^/\s]+(/privacy/delete-account/\S+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]


def mailed_to(address: str) -> str:
    deletion.ask(email=address)
    events.dispatch()
    return link()


def test_form__any_address__answers_the_same_and_mails_whom_it_knows(browser: Client, freelancer: User) -> None:
    assert browser.get(FORM).status_code == 200

    asked = (freelancer.email, "nobody@example.com", "not an address")
    pages = [browser.post(FORM, {"email": email}) for email in asked]
    events.dispatch()

    assert {(page.status_code, page.content) for page in pages} == {(200, pages[0].content)}
    assert SENT in pages[0].content.decode()
    assert pages[0].headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert [message.to for message in mail.outbox] == [[freelancer.email]]


def test_mail__to_an_address_never_confirmed__calls_its_reader_by_no_name(freelancer: User) -> None:
    User.objects.update(full_name="Win at evil.example", email_verified_at=None)

    mailed_to(freelancer.email)

    assert "evil.example" not in str(mail.outbox[-1].body)


def test_json_twin__any_address__answers_the_same(api: APIClient, freelancer: User) -> None:
    answers = [
        api.post("/v1/privacy/deletion-requests", {"email": email}, format="json")
        for email in (freelancer.email, "nobody@example.com", "not an address")
    ]
    events.dispatch()

    assert {(answer.status_code, answer.json()["message"]) for answer in answers} == {(202, SENT)}
    assert [message.to for message in mail.outbox] == [[freelancer.email]]


def test_form__asked_too_often_for_one_mailbox__floods_nobody(browser: Client, freelancer: User) -> None:
    for _ in range(6):
        assert browser.post(FORM, {"email": freelancer.email}).status_code == 200
    events.dispatch()

    assert len(mail.outbox) == 3


def test_form__asked_too_often_from_one_network__is_refused(browser: Client) -> None:
    statuses = [browser.post(FORM, {"email": f"a{number}@example.com"}).status_code for number in range(22)]

    assert statuses[-1] == 429


def test_link__opened__changes_nothing(browser: Client, freelancer: User) -> None:
    page = browser.get(mailed_to(freelancer.email))

    assert "Delete my account" in page.content.decode()
    assert Erasure.objects.get().status == "requested"
    after_grace()
    assert User.objects.get(id=freelancer.id).is_active


def test_link__confirmed__schedules_the_deletion_and_signs_out(client: SignedInClient, browser: Client) -> None:
    user = User.objects.get(id=client.principal.user_id)
    page = browser.post(mailed_to(user.email), {"action": "delete"})

    assert "Keep my account" in page.content.decode()
    assert Erasure.objects.get().status == "scheduled"
    assert not DeviceSession.objects.live().exists()
    events.dispatch()
    assert mail.outbox[-1].subject == "Your Gigvora account will be deleted"
    after_grace()
    assert not User.objects.get(id=user.id).is_active


def test_link__in_the_second_mail__keeps_the_account_and_later_shows_so(browser: Client, freelancer: User) -> None:
    browser.post(mailed_to(freelancer.email), {"action": "delete"})
    events.dispatch()

    page = browser.post(link(), {"action": "keep"})

    assert "Your account stays." in page.content.decode()
    assert Erasure.objects.get().status == "cancelled"
    assert "Your account stays." in browser.post(link(), {"action": "delete"}).content.decode()


def test_link__after_the_erasure__shows_the_receipt(browser: Client, freelancer: User) -> None:
    browser.post(mailed_to(freelancer.email), {"action": "delete"})
    events.dispatch()
    address = link()
    after_grace()

    page = browser.get(address).content.decode()

    assert "Your account was deleted on" in page
    assert "memberships: 1, deleted" in page
    assert "calendar_events" not in page
    assert browser.post(address, {"action": "keep"}).status_code == 409


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "é"])
def test_link__never_issued__is_refused(browser: Client, token: str) -> None:
    assert browser.get(f"{FORM}/{token}").status_code == 400
    assert browser.post(f"{FORM}/{token}", {"action": "delete"}).status_code == 400


def test_link__not_confirmed_for_a_day__stops_working_and_leaves_nothing(browser: Client, freelancer: User) -> None:
    address = mailed_to(freelancer.email)

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert browser.post(address, {"action": "delete"}).status_code == 400
        assert deletion.expire_unconfirmed() == 1
        assert browser.get(address).status_code == 400

    assert Erasure.objects.get().status == "expired"
    assert mailed_to(freelancer.email) != address


def test_link__asked_for_again__replaces_the_former(browser: Client, freelancer: User) -> None:
    first, second = mailed_to(freelancer.email), mailed_to(freelancer.email)

    assert browser.post(first, {"action": "delete"}).status_code == 400
    assert browser.post(second, {"action": "delete"}).status_code == 200


def test_both_doors__asked_again_and_again__flood_no_mailbox(browser: Client, api: APIClient, freelancer: User) -> None:
    answers = [
        api.post(
            "/v1/privacy/deletion-requests", {"email": freelancer.email}, format="json", REMOTE_ADDR=f"192.0.2.{n}"
        )
        for n in range(4)
    ]
    browser.post(FORM, {"email": freelancer.email.upper()})
    events.dispatch()

    assert {answer.status_code for answer in answers} == {202}
    assert len(mail.outbox) == 3


def test_link__of_the_second_mail__is_that_of_the_page_and_the_same_each_time(
    browser: Client, freelancer: User
) -> None:
    confirmed = mailed_to(freelancer.email)
    browser.post(confirmed, {"action": "delete"})
    events.dispatch()
    deletion.mail_schedule(user_id=freelancer.id)  # a worker died after it had sent the first

    assert link() == confirmed
    assert "Keep my account" in browser.get(confirmed).content.decode()
    assert "Your account stays." in browser.post(confirmed, {"action": "keep"}).content.decode()


def test_link__mailed_for_a_deletion_asked_for_in_the_app__is_the_same_each_time(
    client: SignedInClient, browser: Client, freelancer: User
) -> None:
    client.delete("/v1/auth/me")
    events.dispatch()
    first = link()
    deletion.mail_schedule(user_id=freelancer.id)
    deletion.mail_confirmation(user_id=freelancer.id, wish=uuid7())  # asks on the web as well

    assert link() == first
    assert "Keep my account" in browser.get(first).content.decode()


def test_link__mailed_twice_for_one_wish__is_the_same(freelancer: User) -> None:
    wish = uuid7()
    deletion.mail_confirmation(user_id=freelancer.id, wish=wish)
    first = link()
    deletion.mail_confirmation(user_id=freelancer.id, wish=wish)

    assert link() == first


def test_link__of_the_last_admin__says_why_not_and_changes_nothing(browser: Client, staff: User) -> None:
    assert count_admins() == 1
    page = browser.post(mailed_to(staff.email), {"action": "delete"})

    assert (page.status_code, LastAdmin.detail in page.content.decode()) == (409, True)
    assert Erasure.objects.get().status == "requested"


def test_form__of_somebody_suspended__mails_them_and_of_somebody_gone_does_not(
    browser: Client, freelancer: User, staff: User
) -> None:
    profile.suspend(actor=staff.id, user_id=freelancer.id, reason="spam")
    browser.post(mailed_to(freelancer.email), {"action": "delete"})
    events.dispatch()
    assert mail.outbox[-1].to == [freelancer.email]
    after_grace()

    assert Erasure.objects.get().status == "done"
    sent = len(mail.outbox)
    deletion.mail_confirmation(user_id=freelancer.id)
    assert len(mail.outbox) == sent
    assert Erasure.objects.count() == 1


def test_link__of_a_former_wish_told_again__is_the_latest_one(freelancer: User) -> None:
    former, latest = uuid7(), uuid7()
    deletion.mail_confirmation(user_id=freelancer.id, wish=former)
    links = []
    for wish in (latest, former):
        deletion.mail_confirmation(user_id=freelancer.id, wish=wish)
        links.append(link())

    assert links[0] == links[1]
