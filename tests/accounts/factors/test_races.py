"""Guessing and using codes from many sides at once."""

from collections import Counter
from typing import Any
from unittest.mock import ANY

import pyotp
import pytest
from django.core.cache import cache
from django.db import connection

from accounts import totp
from accounts.errors import SessionEnded
from accounts.models import Challenge, DeviceSession, RecoveryCode, TotpFactor, User
from accounts.services import enrolling, password_change, sessions
from accounts.types import ChallengePurpose
from core.testing.races import race, repeat, winners
from tests.accounts import actors
from tests.accounts.actors import SignIn
from tests.accounts.guarded import Guarded, login, verify

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: SQLite runs one writer at a time"),
]


def codes_of(answers: list[Any]) -> Counter[str]:
    return Counter("in" if answer.status_code == 200 else answer.json()["code"] for answer in answers)


def test_verify__fifty_guesses_at_once__five_are_looked_at(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    # case 24; the limit per person, which would stop most of them before, is out of the way
    monkeypatch.setattr("accounts.attempts.FREE_ATTEMPTS", 1000)
    challenge = guarded.challenge()

    answers = winners(race(*repeat(lambda: verify(challenge, "000000"), 50)))

    assert codes_of(answers) == {"invalid_code": 5, "invalid_challenge": 45}
    assert Challenge.objects.get(purpose=ChallengePurpose.SECOND_FACTOR).tries_left == 0


def test_verify__fifty_guesses_over_ten_challenges__few_are_looked_at(guarded: Guarded) -> None:
    # case 24, across flows
    challenges = []
    for _ in range(10):
        cache.clear()  # so that the password itself is not slowed down
        challenges.append(guarded.challenge())

    answers = winners(race(*(lambda each=each: verify(each, "000000") for each in challenges * 5)))

    counted = codes_of(answers)
    assert counted["invalid_code"] <= 6
    assert counted["rate_limited"] >= 44


def test_verify__one_code_for_many_challenges_at_once__opens_one(guarded: Guarded) -> None:
    challenges = [guarded.challenge() for _ in range(4)]
    cache.clear()
    code = guarded.app.now()

    answers = winners(race(*(lambda each=each: verify(each, code) for each in challenges)))

    assert codes_of(answers) == {"in": 1, "invalid_code": 3}


def test_verify__one_challenge_answered_twice_at_once__opens_one(guarded: Guarded) -> None:
    challenge, app_code = guarded.challenge(), guarded.app.now()
    before = DeviceSession.objects.count()

    answers = winners(
        race(lambda: verify(challenge, app_code), lambda: verify(challenge, guarded.codes[0], "recovery"))
    )

    assert codes_of(answers) == {"in": 1, "invalid_challenge": 1}
    assert DeviceSession.objects.count() == before + 1
    # Whichever came too late has not used its code up either.
    is_step_spent = totp.find_step(guarded.app.secret, app_code) == TotpFactor.objects.get().last_step
    is_code_spent = RecoveryCode.objects.count() == 9
    assert is_step_spent != is_code_spent


def test_recovery_code__used_by_many_at_once__opens_one(guarded: Guarded) -> None:
    challenges = [guarded.challenge() for _ in range(4)]
    cache.clear()

    answers = winners(race(*(lambda each=each: verify(each, guarded.codes[0], "recovery") for each in challenges)))

    assert codes_of(answers) == {"in": 1, "invalid_code": 3}
    assert RecoveryCode.objects.count() == 9


def test_enabling_and_signing_in__at_once__never_leaves_a_session_without_the_factor(
    freelancer: User, sign_in: SignIn
) -> None:
    for _ in range(8):
        TotpFactor.objects.all().delete()
        User.objects.filter(id=freelancer.id).update(second_factor_at=None)
        cache.clear()
        client = sign_in(User.objects.get(id=freelancer.id))
        principal, proposed = client.principal, enrolling.enrol(actor=client.principal)
        code = pyotp.TOTP(proposed.secret).now()

        _, entered = race(
            lambda principal=principal, proposed=proposed, code=code: enrolling.confirm(  # type: ignore[misc]
                actor=principal, enrolment=proposed.id, code=code
            ),
            lambda: login(freelancer),
        )

        assert isinstance(entered, Exception) or entered.status_code in {200, 401, 403}
        survivors = DeviceSession.objects.filter(revoked_at=None).exclude(id=principal.session_id)
        assert not [each for each in survivors if each.security_version == User.objects.get().security_version]


def test_change_password_and_logout_everywhere__at_once__never_deadlock(freelancer: User) -> None:
    for number in range(8):
        everybody = [actors.principal_behind(actors.sign_in(User.objects.get())) for _ in range(5)]

        results = race(
            *(lambda who=who: sessions.sign_out(actor=who, everywhere=True) for who in everybody[:3]),
            lambda who=everybody[3], number=number: password_change.change(  # type: ignore[misc]
                actor=who, new_password=f"another-Long-{number}-words"
            ),
        )

        assert [result for result in results if isinstance(result, Exception)] in ([], [ANY])
        assert all(isinstance(result, SessionEnded) for result in results if isinstance(result, Exception)), results
