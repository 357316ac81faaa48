"""Taking another address back from the old mailbox, for a week, whatever whoever changed it has done since."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import DeviceSession, EmailChange, Passkey, RecoveryCode, User
from core.testing.jobs import CapturedJobs
from tests.accounts.actors import MakeUser, SignedInClient, SignIn
from tests.accounts.authenticators import Authenticator, begin_sign_in, register, sign_in_with
from tests.accounts.factors.test_email_change import NEW, ask, mailed_path, move_on
from tests.accounts.guarded import Guarded, confirm, enrol

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner(make_user: MakeUser) -> User:
    return make_user(email="old@example.com", email_verified_at=timezone.now())


@pytest.fixture
def client(owner: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(owner)


def test_change_email__reverted__gives_the_account_back(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    thief = sign_in(owner)
    ask(thief)
    APIClient().post(mailed_path(enqueued_jobs, NEW))
    way_back = mailed_path(enqueued_jobs, "old@example.com")
    assert APIClient().get(way_back).status_code == 200

    done = APIClient().post(way_back)

    assert "Your account has its former address back" in done.content.decode()
    owner.refresh_from_db()
    assert (owner.email, owner.has_usable_password()) == ("old@example.com", False)
    assert not DeviceSession.objects.filter(revoked_at=None).exists()
    assert owner.payouts_held_until is not None
    enqueued_jobs.run(times=1)
    assert [message.subject for message in mail.outbox[-2:]] == ["Your e-mail address is back", "Choose a new password"]
    assert {message.to[0] for message in mail.outbox[-2:]} == {"old@example.com"}


def test_change_email__reverted__takes_what_the_thief_added_and_leaves_what_was_there(
    clock: Any, owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    owners, thiefs = Authenticator(), Authenticator()
    assert register(sign_in(owner), owners).status_code == 201
    clock.shift(timedelta(days=1, seconds=1))
    ask(sign_in(owner))
    APIClient().post(mailed_path(enqueued_jobs, NEW))
    owner.refresh_from_db()
    thief = sign_in(owner)
    assert register(thief, thiefs).status_code == 201
    enrolment, app = enrol(thief)
    assert confirm(thief, enrolment, app.now()).status_code == 200
    way_back = mailed_path(enqueued_jobs, "old@example.com")

    assert APIClient().post(way_back).status_code == 200

    owner.refresh_from_db()
    assert not owner.has_second_factor
    assert sign_in_with(thiefs.sign_in(begin_sign_in())).status_code == 401
    assert sign_in_with(owners.sign_in(begin_sign_in())).status_code == 200


@pytest.mark.parametrize(
    ("session_began", "passkey_added", "is_left"),  # days before the change
    [(0, 0, False), (0, 0.99, False), (0, 1.01, True), (3, 2, False), (3, 4, True)],
)
def test_change_email__reverted__takes_a_passkey_that_the_thief_had_added_before(
    client: SignedInClient, enqueued_jobs: CapturedJobs, session_began: float, passkey_added: float, is_left: bool
) -> None:
    key = Authenticator()
    assert register(client, key).status_code == 201
    DeviceSession.objects.update(auth_time=timezone.now() - timedelta(days=session_began))
    Passkey.objects.update(created_at=timezone.now() - timedelta(days=passkey_added))

    assert APIClient().post(move_on(client, enqueued_jobs, NEW)).status_code == 200

    assert Passkey.objects.exists() is is_left
    assert sign_in_with(key.sign_in(begin_sign_in())).status_code == (200 if is_left else 401)


def test_change_email__reverted__takes_recovery_codes_that_the_thief_renewed(
    guarded: Guarded, enqueued_jobs: CapturedJobs
) -> None:
    long_ago = timezone.now() - timedelta(days=2)
    User.objects.update(email_verified_at=long_ago, second_factor_at=long_ago)
    ask(guarded.client)
    assert guarded.client.post("/v1/auth/second-factor/recovery-codes", {}, format="json").status_code == 200
    assert APIClient().post(mailed_path(enqueued_jobs, NEW)).status_code == 200

    assert APIClient().post(mailed_path(enqueued_jobs, guarded.user.email)).status_code == 200

    assert User.objects.get().has_second_factor
    assert not RecoveryCode.objects.exists()


def test_change_email__reverted__leaves_recovery_codes_that_were_there(
    guarded: Guarded, enqueued_jobs: CapturedJobs
) -> None:
    long_ago = timezone.now() - timedelta(days=2)
    User.objects.update(email_verified_at=long_ago, second_factor_at=long_ago)
    RecoveryCode.objects.update(created_at=long_ago)

    assert APIClient().post(move_on(guarded.client, enqueued_jobs, NEW)).status_code == 200

    assert RecoveryCode.objects.count() == 10


def test_change_email__moved_on_twice__the_first_owner_still_gets_it_back(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    ask(sign_in(owner))
    APIClient().post(mailed_path(enqueued_jobs, NEW))
    way_back = mailed_path(enqueued_jobs, "old@example.com")
    owner.refresh_from_db()
    ask(sign_in(owner), "third@example.com")
    APIClient().post(mailed_path(enqueued_jobs, "third@example.com"))
    thiefs_way_back = mailed_path(enqueued_jobs, NEW)

    assert APIClient().post(way_back).status_code == 200
    assert User.objects.get().email == "old@example.com"
    assert APIClient().post(thiefs_way_back).status_code == 400


def test_change_email__moved_on_and_reverted_by_the_thief__the_first_owner_still_gets_it_back(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    way_back = move_on(sign_in(owner), enqueued_jobs, "thief1@example.com")
    owner.refresh_from_db()
    thiefs_way_back = move_on(sign_in(owner), enqueued_jobs, "thief2@example.com")

    assert APIClient().post(thiefs_way_back).status_code == 200

    assert User.objects.get().email == "thief1@example.com"
    body = {"email": "old@example.com", "password": "quite-Long-9-words"}
    assert APIClient().post("/v1/auth/register", body, format="json").status_code == 409
    assert APIClient().post(way_back).status_code == 200
    assert User.objects.get().email == "old@example.com"
    assert not EmailChange.objects.exists()


def test_change_email__back_to_the_own_old_address__is_effective_and_final(
    owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    """Whoever was at the address just left could otherwise take the account when the first change has run out."""
    move_on(sign_in(owner), enqueued_jobs, NEW)
    owner.refresh_from_db()
    ask(sign_in(owner), "old@example.com")

    assert APIClient().post(mailed_path(enqueued_jobs, "old@example.com")).status_code == 200

    assert User.objects.get().email == "old@example.com"
    enqueued_jobs.run(times=1)
    assert [message.subject for message in mail.outbox if message.to == [NEW]] == ["Confirm your new e-mail address"]


def test_change_email__to_an_address_kept_for_somebody_else__is_refused_as_before(
    owner: User, make_user: MakeUser, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    move_on(sign_in(owner), enqueued_jobs, NEW)

    ask(sign_in(make_user(email="rival@example.com")), "old@example.com")

    enqueued_jobs.run(times=1)
    assert mail.outbox[-1].subject == "Your address is in use already"


def test_change_email__revertible__nobody_else_gets_the_old_address(
    clock: Any, owner: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    ask(sign_in(owner))
    APIClient().post(mailed_path(enqueued_jobs, NEW))
    body = {"email": "old@example.com", "password": "quite-Long-9-words"}

    refused = APIClient().post("/v1/auth/register", body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "email_unavailable")

    clock.shift(timedelta(days=7, seconds=1))
    assert APIClient().post("/v1/auth/register", body, format="json").status_code == 201


def test_change_email__old_address_never_confirmed__gets_no_way_back(
    make_user: MakeUser, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    mistyped = make_user(email="mistyped@example.com")
    ask(sign_in(mistyped))
    APIClient().post(mailed_path(enqueued_jobs, NEW))
    enqueued_jobs.run(times=1)

    assert {message.to[0] for message in mail.outbox} == {NEW}
