"""Choosing a password while signed in."""

from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import MailedToken, User
from accounts.services import links
from accounts.types import Purpose
from core.testing.jobs import CapturedJobs
from tests.accounts.actors import PASSWORD, SignIn
from tests.accounts.guarded import Guarded, bearer, login, verify

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "another-Long-9-words"


def change(client: Any, **body: Any) -> Any:
    return client.post("/v1/auth/change-password", body, format="json")


def test_change_password__any__ends_other_sessions_and_is_told(
    freelancer: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    own, other = sign_in(freelancer), sign_in(freelancer)

    answer = change(own, current_password=PASSWORD, new_password=NEW)

    assert (answer.status_code, sorted(answer.json())) == (200, ["access_token", "expires_in"])
    assert bearer(answer.json()["access_token"]).get("/v1/auth/me").status_code == 200
    assert other.get("/v1/auth/me").status_code == 401
    assert (login(freelancer).status_code, login(freelancer, password=NEW).status_code) == (401, 200)
    enqueued_jobs.run(times=1)
    assert [message.subject for message in mail.outbox] == ["Your password was changed"]
    assert "all your other devices" in str(mail.outbox[0].body)


def test_change_password__without_the_current_one__is_enough_if_fresh(freelancer: User, sign_in: SignIn) -> None:
    assert change(sign_in(freelancer), new_password=NEW).status_code == 200


def test_change_password__wrong_current_one__is_refused(freelancer: User, sign_in: SignIn) -> None:
    answer = change(sign_in(freelancer), current_password="wrong", new_password=NEW)

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_password")
    assert login(freelancer).status_code == 200


def test_change_password__account_without_one__gets_its_first(freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    freelancer.set_unusable_password()
    freelancer.save()

    assert change(client, new_password=NEW).status_code == 200
    assert login(freelancer, password=NEW).status_code == 200


def test_change_password__weak__is_refused(freelancer: User, sign_in: SignIn) -> None:
    answer = change(sign_in(freelancer), new_password="password")

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/new_password"]


def test_change_password__reset_link_on_its_way__is_void(freelancer: User, sign_in: SignIn) -> None:
    links._issue(freelancer, Purpose.RESET_PASSWORD)

    change(sign_in(freelancer), new_password=NEW)

    assert not MailedToken.objects.exists()


def test_change_password__sign_in_that_proved_the_old_one__cannot_go_on(guarded: Guarded) -> None:
    challenge = guarded.challenge()

    assert change(guarded.client, new_password=NEW).status_code == 200

    assert verify(challenge, guarded.app.now()).json()["code"] == "invalid_challenge"


def test_change_password__proof_too_old__asks_for_another(clock: Any, freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    clock.shift(301)

    assert change(client, current_password=PASSWORD, new_password=NEW).json()["code"] == "step_up_required"


def test_reset_password__with_a_second_factor__neither_signs_in_nor_drops_it(guarded: Guarded) -> None:
    User.objects.update(email_verified_at=timezone.now())
    token = links._issue(guarded.user, Purpose.RESET_PASSWORD)

    answer = APIClient().post("/v1/auth/reset-password", {"token": token, "new_password": NEW}, format="json")

    assert (answer.status_code, sorted(answer.json())) == (200, ["message"])
    guarded.user.refresh_from_db()
    assert guarded.user.has_second_factor
    assert guarded.user.payouts_held_until is not None
    assert login(guarded.user, password=NEW).json()["code"] == "second_factor_required"
    assert guarded.client.get("/v1/auth/me").status_code == 401


def test_reset_password__address_never_shown_to_be_anybodys__drops_the_factor_of_whoever_registered_it(
    guarded: Guarded,
) -> None:
    token = links._issue(guarded.user, Purpose.RESET_PASSWORD)

    assert APIClient().post(
        "/v1/auth/reset-password", {"token": token, "new_password": NEW}, format="json"
    ).status_code == 200  # fmt: skip

    assert login(guarded.user, password=NEW).status_code == 200
