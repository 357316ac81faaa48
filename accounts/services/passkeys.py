"""One's own passkeys: adding, naming and removing them. Not here: signing in with one (`passkey_sign_in.py`)."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from access.services import record
from access.types import Principal
from accounts import ceremonies
from accounts.ceremonies import Descriptor, Json
from accounts.errors import LastWayIn, PasskeyTaken, TooManyPasskeys
from accounts.events import PasskeyAdded, PasskeyRemoved
from accounts.models import Passkey, User
from accounts.selectors import get_user, has_another_way_in, list_passkeys
from accounts.services import challenges
from accounts.services.callers import lock_caller
from accounts.types import ChallengePurpose
from core.db.changes import lock, save_changes
from events.services import publish

MAX_PASSKEYS = 20


def begin(*, actor: Principal) -> tuple[Json, datetime]:
    """What the caller's browser or phone is asked, and until when it may answer.

    Raises:
        TooManyPasskeys: one has to be removed first.
    """
    user, own = get_user(actor.user_id), list_passkeys(actor.user_id)
    if own.count() >= MAX_PASSKEYS:
        raise TooManyPasskeys
    issued = challenges.issue(
        purpose=ChallengePurpose.PASSKEY_REGISTRATION, user_id=user.id, data={"session": str(actor.session_id)}
    )
    return ceremonies.creation_options(user, challenge=issued.token, known=descriptors(own)), issued.expires_at


def register(*, actor: Principal, credential: Json, name: str = "Passkey") -> Passkey:
    """Store the passkey that the caller's authenticator has just made; the challenge is spent either way.

    Raises:
        ChallengeInvalid: not set for this session, answered before, or too late.
        PasskeyInvalid: the answer is not true.
        PasskeyTaken: this credential is registered already.
        SessionEnded: the caller was signed out meanwhile.
        TooManyPasskeys: others were added meanwhile.
    """
    challenge = ceremonies.challenge_of(credential)
    challenges.take(
        purpose=ChallengePurpose.PASSKEY_REGISTRATION,
        token=challenge,
        user_id=actor.user_id,
        data__session=str(actor.session_id),
    )
    registered = ceremonies.verify_registration(credential, challenge=challenge)
    with transaction.atomic():
        user = lock_caller(actor)
        if list_passkeys(user.id).count() >= MAX_PASSKEYS:
            raise TooManyPasskeys
        passkey = _store(user, name=name, **asdict(registered))
        _record("passkey.added", actor, passkey)
        publish(PasskeyAdded(aggregate_id=user.id, passkey_id=passkey.id), actor_id=user.id)
    return passkey


def rename(*, actor: Principal, passkey_id: UUID, name: str) -> Passkey:
    """Raises: NotFound, where the caller has no such passkey."""
    with transaction.atomic():
        passkey = lock(list_passkeys(actor.user_id), id=passkey_id)
        return save_changes(passkey, name=name)


def remove(*, actor: Principal, passkey_id: UUID) -> None:
    """Stop signing the caller in with one of their passkeys.

    Raises:
        NotFound: the caller has no such passkey.
        LastWayIn: there would be no other way to sign in.
    """
    with transaction.atomic():
        user = lock(User.objects.all(), id=actor.user_id)  # of two removals at once, the second sees the first
        passkey = lock(list_passkeys(user.id), id=passkey_id)
        if not has_another_way_in(user, without=passkey.id):
            raise LastWayIn
        _record("passkey.removed", actor, passkey)
        publish(PasskeyRemoved(aggregate_id=user.id, passkey_id=passkey.id), actor_id=user.id)
        passkey.delete()


def distrust(user: User, *, since: datetime | None = None) -> None:
    """Remove, in the caller's transaction, what somebody else may have added: all passkeys, or those added `since`."""
    own = list_passkeys(user.id)
    for passkey in own if since is None else own.filter(created_at__gte=since):
        record(
            action="passkey.removed",
            outcome="success",
            user_id=user.id,
            target_type="passkey",
            target_id=passkey.id,
            reason="distrusted",
        )
        passkey.delete()


def descriptors(passkeys: QuerySet[Passkey]) -> list[Descriptor]:
    return [Descriptor(*row) for row in passkeys.values_list("credential_id", "transports")]


def _store(user: User, **values: Any) -> Passkey:
    try:
        with transaction.atomic():
            return Passkey.objects.create(user=user, **values)
    except IntegrityError as error:
        raise PasskeyTaken from error


def _record(action: str, actor: Principal, passkey: Passkey) -> None:
    record(
        action=action,
        outcome="success",
        principal=actor,
        target_type="passkey",
        target_id=passkey.id,
        aaguid=str(passkey.aaguid),
    )
