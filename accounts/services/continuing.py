"""Going on with a sign-in that asked for a second factor."""

from uuid import UUID

from django.db import transaction

from access.services import record
from accounts.errors import ChallengeInvalid, CodeInvalid
from accounts.events import SecondFactorFailed
from accounts.models import Challenge, DeviceSession, User
from accounts.services import challenges, proofs, second_factor, sessions
from accounts.types import ChallengePurpose, Method
from core.db.changes import lock
from core.http.access import Audience
from events.services import publish


def go_on(*, challenge: str, method: Method, code: str) -> DeviceSession:
    """Begin the session that a first proof was not enough for, on the device that it was asked for.

    Raises:
        ChallengeInvalid: answered, expired, tried too often, or what was proved before does not count any more.
        CodeInvalid: wrong, or used before.
        InvalidCredentials: it was begun by a client of the staff, and they left the staff meanwhile.
        TooManyAttempts: guessing, or so it seems.
    """
    asked = challenges.attempt(purpose=ChallengePurpose.SECOND_FACTOR, token=challenge)
    user_id = asked.user.id if asked.user else None
    if user_id is None:
        raise ChallengeInvalid
    proofs.admit(user_id)
    with transaction.atomic():
        session = _answered(asked, user_id, method, code)
    if session is None:
        _refuse(asked, user_id, method)
        raise CodeInvalid
    proofs.forgive(user_id)
    return session


def _answered(asked: Challenge, user_id: UUID, method: Method, code: str) -> DeviceSession | None:
    user = lock(User.objects.all(), id=user_id)
    if user.security_version != asked.data["security_version"]:
        raise ChallengeInvalid
    if not proofs.spend(user, method, code):
        return None
    challenges.spend(asked)
    proved = tuple(Method(each) for each in asked.data["methods"])
    audience = asked.data["audience"]
    return sessions.start(
        user=user,
        claim=second_factor.claim_of(asked),
        methods=(*proved, method),
        audience=Audience(audience) if audience else None,
    )


def _refuse(asked: Challenge, user_id: UUID, method: Method) -> None:
    """Note a wrong code; the last one of a challenge is worth a warning, as whoever sends it knows the first factor."""
    with transaction.atomic():
        record(action="factor.failure", outcome="failure", target_type="user", target_id=user_id, method=method)
        if not asked.tries_left:
            publish(SecondFactorFailed(aggregate_id=user_id))
