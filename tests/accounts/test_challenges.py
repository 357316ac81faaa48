"""Challenges: answered once, by whoever they were set for."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from accounts.errors import ChallengeInvalid
from accounts.models import Challenge, User
from accounts.services import challenges
from accounts.types import ChallengePurpose
from core.db.ids import uuid7

pytestmark = pytest.mark.django_db

PURPOSE = ChallengePurpose.PASSWORDLESS


def test_take__once__is_gone() -> None:
    token = challenges.issue(purpose=PURPOSE, data={"email": "a@example.com"}).token

    assert challenges.take(purpose=PURPOSE, token=token).data == {"email": "a@example.com"}
    with pytest.raises(ChallengeInvalid):
        challenges.take(purpose=PURPOSE, token=token)
    assert not Challenge.objects.exists()


@pytest.mark.parametrize("bound", ["user_id", "device_id"])
def test_take__for_somebody_else__is_refused_and_stays(bound: str, freelancer: User) -> None:
    token = challenges.issue(purpose=PURPOSE, user_id=freelancer.id).token

    with pytest.raises(ChallengeInvalid):
        challenges.take(purpose=PURPOSE, token=token, **{bound: uuid7()})
    assert challenges.take(purpose=PURPOSE, token=token, user_id=freelancer.id).user == freelancer


def test_take__of_another_purpose_or_too_late__is_refused() -> None:
    token = challenges.issue(purpose=PURPOSE).token

    with pytest.raises(ChallengeInvalid):
        challenges.take(purpose=ChallengePurpose.ATTESTATION, token=token)
    with (
        time_machine.travel(timezone.now() + challenges.LIFETIME + timedelta(seconds=1)),
        pytest.raises(ChallengeInvalid),
    ):
        challenges.take(purpose=PURPOSE, token=token)


def test_attempt__more_often_than_allowed__is_refused() -> None:
    token = challenges.issue(purpose=PURPOSE, tries=2).token

    for _ in range(2):
        challenges.attempt(purpose=PURPOSE, token=token)
    with pytest.raises(ChallengeInvalid):
        challenges.attempt(purpose=PURPOSE, token=token)


def test_issue__stored__holds_no_token() -> None:
    token = challenges.issue(purpose=PURPOSE).token

    stored = Challenge.objects.values_list("digest", "data").get()
    assert token not in str(stored)
    assert isinstance(Challenge.objects.get().id, UUID)
