"""Guesses at the door do not keep the owner from proving who they are inside."""

from typing import Any

import pytest
from django.core.cache import cache

from accounts.attempts import FREE_ATTEMPTS
from accounts.services import proofs
from tests.accounts.guarded import Guarded, verify

pytestmark = pytest.mark.django_db(transaction=True)


def wrong_at_the_door(guarded: Guarded) -> list[int]:
    """What somebody who knows the password is answered, guessing codes."""
    challenges = [guarded.challenge() for _ in range(2)]  # each may be tried five times
    return [verify(challenges[tried // 5], "000000").status_code for tried in range(FREE_ATTEMPTS + 2)]


def step_up(guarded: Guarded, code: str) -> Any:
    return guarded.client.post("/v1/auth/step-up", {"method": "otp", "code": code}, format="json")


def test_step_up__while_somebody_guesses_at_the_door__is_not_slowed_down(guarded: Guarded) -> None:
    cache.clear()
    assert wrong_at_the_door(guarded)[-1] == 429

    assert step_up(guarded, guarded.app.now()).status_code == 200


def test_step_up__guessing__is_slowed_down_in_all_sessions_alike(guarded: Guarded) -> None:
    cache.clear()
    answers = [step_up(guarded, "000000").status_code for _ in range(FREE_ATTEMPTS + 2)]

    assert answers[-1] == 429
    assert verify(guarded.challenge(), guarded.app.now()).status_code == 200


def test_guesses__at_the_door_and_inside__are_forgiven_apart(guarded: Guarded) -> None:
    cache.clear()
    wrong_at_the_door(guarded)
    proofs.forgive(guarded.user.id, signed_in=True)

    assert verify(guarded.challenge(), guarded.app.now()).status_code == 429
