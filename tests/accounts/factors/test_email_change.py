"""Changing one's address: both mailboxes have their say, and nothing shows whose address is whose."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.errors import SessionEnded
from accounts.models import AccountRecovery, DeviceSession, EmailChange, MailedToken, User
from accounts.services import email_change, links, recovery, sessions
from accounts.types import Purpose
from core.testing.jobs import CapturedJobs
from core.testing.races import race, repeat, winners
from tests.accounts.actors import MakeUser, PrincipalOf, SignIn
from tests.accounts.guarded import Guarded, login
from tests.accounts.test_links import mailed_token

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "new@example.com"
ASKED = {"message": "A mail is on its way to the new address. Your address changes when you confirm it there."}


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(email="old@example.com", email_verified_at=timezone.now())


def ask(client: Any, address: str = NEW) -> Any:
    return client.post("/v1/auth/change-email", {"new_email": address}, format="json")


def mailed_path(jobs: CapturedJobs, to: str) -> str:
    jobs.run(times=1)
    (message,) = [message for message in mail.outbox if message.to == [to]][-1:]
    found = re.search(r"https?://[^/]+(/v1/auth/(?:change|revert)-email/[\w-]{43})", str(message.body))
    assert found, message.body
    return found[1]


def move_on(client: Any, jobs: CapturedJobs, to: str) -> str:
    """Change the address for good: the path that takes it back, from the mailbox that was left."""
    left = User.objects.get(id=client.signed_in.session.user_id).email
    ask(client, to)
    assert APIClient().post(mailed_path(jobs, to)).status_code == 200
    return mailed_path(jobs, left)


def confirm_elsewhere(path: str) -> int:
    """From another thread."""
    try:
        return APIClient().post(path).status_code
    finally:
        connections.close_all()


def reset_password(owner: User) -> None:
    token = mailed_token(owner, Purpose.RESET_PASSWORD)
    body = {"token": token, "new_password": "another horse battery"}
    assert APIClient().post("/v1/auth/reset-password", body, format="json").status_code == 200


def change_password(client: Any) -> Any:
    return client.post("/v1/auth/change-password", {"new_password": "another horse battery"}, format="json")


def test_change_email__confirmed__is_effective(owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs) -> None:
    own, other = sign_in(owner), sign_in(owner)
    answer = ask(own, " New@Example.com ")
    assert (answer.status_code, answer.json()) == (202, ASKED)
    assert own.get("/v1/auth/me").json()["email"] == "old@example.com"

    path = mailed_path(enqueued_jobs, NEW)
    page = APIClient().get(path)
    assert (page.status_code, User.objects.get().email) == (200, "old@example.com")  # opening changes nothing
    done = APIClient().post(path)

    assert "This is your e-mail address from now on." in done.content.decode()
    owner.refresh_from_db()
    assert (owner.email, owner.is_email_verified) == (NEW, True)
    assert login(owner).status_code == 200
    assert APIClient().post(path).status_code == 400
    assert other.get("/v1/auth/me").status_code == 401
    refreshed = APIClient().post(
        "/v1/auth/refresh", {"refresh_token": own.signed_in.tokens.refresh_token}, format="json"
    )
    assert refreshed.json()["user"]["email"] == NEW


def test_change_email__by_json__confirms_as_well(owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs) -> None:
    ask(sign_in(owner))
    token = mailed_path(enqueued_jobs, NEW).rpartition("/")[2]

    answer = APIClient().post("/api/auth/change-email/confirm", {"token": token}, format="json")

    assert (answer.status_code, answer.json()) == (200, {"message": "This is your e-mail address from now on."})


def test_change_email__address_of_somebody__is_answered_alike_and_its_owner_told(
    owner: User, make_user: MakeUser, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    # case 22
    taken = make_user(email="taken@example.com")
    client = sign_in(owner)

    answer = ask(client, taken.email)

    assert (answer.status_code, answer.json()) == (202, ASKED)
    enqueued_jobs.run(times=1)
    assert [(message.to, message.subject) for message in mail.outbox] == [
        ([taken.email], "Your address is in use already")
    ]
    assert "/v1/auth" not in str(mail.outbox[0].body)


def test_change_email__recovery_begun_from_the_old_mailbox__is_over(
    guarded: Guarded, enqueued_jobs: CapturedJobs
) -> None:
    User.objects.update(email_verified_at=timezone.now())
    APIClient().post("/v1/auth/recovery/start", {"email": guarded.user.email}, format="json")
    enqueued_jobs.run(times=1)
    token = re.findall(r"/v1/auth/recovery/([\w-]{43})", str(mail.outbox[-1].body))[0]
    assert APIClient().post("/v1/auth/recovery/continue", {"token": token}, format="json").status_code == 200
    answer = guarded.client.post("/v1/auth/change-email", {"new_email": NEW}, format="json")
    assert answer.status_code == 202, answer.json()

    assert APIClient().post(mailed_path(enqueued_jobs, NEW)).status_code == 200

    refused = APIClient().post("/v1/auth/recovery/continue", {"token": token}, format="json")
    assert refused.json()["code"] == "invalid_link"
    assert User.objects.get().has_second_factor


def test_change_email__to_the_present_one_again_and_again__says_so_each_time(owner: User, sign_in: SignIn) -> None:
    client = sign_in(owner)

    assert [ask(client, "old@example.com").status_code for _ in range(5)] == [422] * 5


def test_change_email__many_accounts_at_one_mailbox__mail_it_three_times(
    clock: Any, make_user: MakeUser, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    answers = [ask(sign_in(make_user()), "victim@example.org") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429, 429]
    assert answers[-1].json()["code"] == "rate_limited"
    enqueued_jobs.run(times=1)
    assert [message.to for message in mail.outbox] == [["victim@example.org"]] * 3


def test_change_email__name_of_the_asker__reaches_no_mailbox_that_is_not_theirs(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    User.objects.update(full_name="You have won: evil.example")

    move_on(sign_in(owner), enqueued_jobs, NEW)

    assert {message.to[0] for message in mail.outbox} == {NEW, "old@example.com"}
    for message in mail.outbox:
        assert isinstance(message, mail.EmailMultiAlternatives)
        assert "evil.example" not in str(message.body) + str(message.alternatives[0][0])


@pytest.mark.parametrize("has_factor", [False, True])
def test_change_email__while_a_link_is_made__voids_that_link(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs, monkeypatch: pytest.MonkeyPatch, has_factor: bool
) -> None:
    """The mail goes to the former mailbox; whoever reads it there gains nothing."""
    ask(sign_in(owner))
    path = mailed_path(enqueued_jobs, NEW)
    User.objects.update(second_factor_at=timezone.now() if has_factor else None)
    module, name = (recovery, "_renew") if has_factor else (links, "_issue")

    with ThreadPoolExecutor(1) as pool:
        changing = []

        def late(real: Callable[..., str]) -> Callable[..., str]:
            def make(*about: Any) -> str:
                changing.append(pool.submit(confirm_elsewhere, path))
                wait(changing, timeout=0.5)  # it is done, unless it has to wait for us
                return real(*about)

            return make

        monkeypatch.setattr(module, name, late(getattr(module, name)))
        recovery.mail_link(user_id=owner.id)

    assert [each.result() for each in changing] == [200]
    assert User.objects.get().email == NEW
    assert not MailedToken.objects.exists()
    assert not AccountRecovery.objects.exists()


def test_change_email__links_mailed_before__are_void(owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs) -> None:
    APIClient().post("/v1/auth/forgot-password", {"email": owner.email}, format="json")
    enqueued_jobs.run(times=1)
    found = re.search(r"/reset-password/([\w-]{43})", str(mail.outbox[-1].body))
    assert found
    ask(sign_in(owner))
    APIClient().post(mailed_path(enqueued_jobs, NEW))

    answer = APIClient().post(
        "/v1/auth/reset-password", {"token": found[1], "new_password": "another-Long-9-words"}, format="json"
    )

    assert answer.json()["code"] == "invalid_link"


def test_change_email__asked_again__voids_the_first_link(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    client = sign_in(owner)
    ask(client)
    first = mailed_path(enqueued_jobs, NEW)
    ask(client, "other@example.com")

    assert APIClient().post(first).status_code == 400
    assert APIClient().post(mailed_path(enqueued_jobs, "other@example.com")).status_code == 200


def test_change_email__too_late__is_refused(
    clock: Any, owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    ask(sign_in(owner))
    path = mailed_path(enqueued_jobs, NEW)
    clock.shift(timedelta(days=1, seconds=1))

    assert APIClient().post(path).status_code == 400


@pytest.mark.parametrize(
    ("address", "code"),
    [("old@example.com", "unchanged"), ("OLD@example.com", "unchanged"), ("no address", "invalid"), ("", "blank")],
)
def test_change_email__not_another_address__is_refused(owner: User, sign_in: SignIn, address: str, code: str) -> None:
    answer = ask(sign_in(owner), address)

    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/new_email", code)]


def test_change_email__proof_too_old__asks_for_another(clock: Any, owner: User, sign_in: SignIn) -> None:
    client = sign_in(owner)
    clock.shift(301)

    assert ask(client).json()["code"] == "step_up_required"


def test_confirm__many_times_at_once__happens_once(owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs) -> None:
    ask(sign_in(owner))
    path = mailed_path(enqueued_jobs, NEW)

    answers = winners(race(*repeat(lambda: APIClient().post(path), 4)))

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert User.objects.get().security_version == 2


def test_confirm__two_people_want_one_address_at_once__one_gets_it(
    owner: User, make_user: MakeUser, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    rival, paths = make_user(email="rival@example.com"), []
    for person in (owner, rival):
        ask(sign_in(person))
        paths.append(mailed_path(enqueued_jobs, NEW))

    answers = winners(race(*(lambda path=path: APIClient().post(path) for path in paths)))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert User.objects.filter(email=NEW).count() == 1
    assert EmailChange.objects.exclude(confirmed_at=None).count() == 1


@pytest.mark.parametrize(
    "way",
    [
        "password reset",
        "password changed",
        "logged out everywhere",
        "other sessions ended",
        "asking one ended",
        "asking device removed",
    ],
)
def test_change_email__asked_by_a_session_that_the_owner_ended__leads_nowhere(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs, way: str
) -> None:
    own, thief = sign_in(owner), sign_in(owner)
    ask(thief)
    path = mailed_path(enqueued_jobs, NEW)

    if way == "password reset":
        reset_password(owner)
    elif way == "password changed":
        assert change_password(own).status_code == 200
    elif way == "logged out everywhere":
        own.post("/v1/auth/logout", {"everywhere": True}, format="json")
    elif way == "other sessions ended":
        assert own.delete("/v1/sessions").status_code == 204
    elif way == "asking device removed":
        assert own.delete(f"/v1/devices/{thief.signed_in.session.device_id}").status_code == 204
    else:
        assert own.delete(f"/v1/sessions/{thief.signed_in.session.id}").status_code == 204

    assert APIClient().post(path).status_code == 400
    owner.refresh_from_db()
    assert owner.email == "old@example.com"


def test_change_email__confirmed_after_logging_out_oneself__is_effective(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    client = sign_in(owner)
    ask(client)
    path = mailed_path(enqueued_jobs, NEW)
    client.post("/v1/auth/logout", {}, format="json")

    assert APIClient().post(path).status_code == 200
    owner.refresh_from_db()
    assert owner.email == NEW


def test_change_email__password_changed_by_the_asking_session__leads_nowhere(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    client = sign_in(owner)
    ask(client)
    path = mailed_path(enqueued_jobs, NEW)

    assert change_password(client).status_code == 200

    assert DeviceSession.objects.get().revoked_at is None
    assert APIClient().post(path).status_code == 400


def test_ask__let_in_just_before_the_owner_logged_out_everywhere__is_refused(
    owner: User, principal_of: PrincipalOf
) -> None:
    own, thief = principal_of(owner), principal_of(owner)
    sessions.sign_out(actor=own, everywhere=True)

    with pytest.raises(SessionEnded):
        email_change.ask(actor=thief, new_email=NEW)

    assert not EmailChange.objects.exists()
