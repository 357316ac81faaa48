"""Signing in with a passkey, and proving with one that it is still oneself."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts import ceremonies
from accounts.ceremonies import Asserted, Descriptor, Json
from accounts.errors import ChallengeInvalid, PasskeyInvalid, PasskeyRefused
from accounts.events import PasskeyCloned
from accounts.models import Challenge, DeviceSession, Passkey
from accounts.selectors import find_by_email, list_passkeys
from accounts.services import challenges, sessions
from accounts.services.passkeys import descriptors
from accounts.types import ChallengePurpose, DeviceClaim, Method
from core.db.changes import lock, save_changes
from events.services import publish


def begin(*, email: str = "") -> tuple[Json, datetime]:
    """What a browser or phone is asked, and until when it may answer.

    The authenticator offers the passkeys that it holds: all of ours are discoverable, so none has to be named, which
    would tell that the address has an account and how many passkeys. With an address, only one of its account signs in.
    """
    if not email:
        return _ask([], None)
    user = find_by_email(email)
    return _ask([], {"user": str(user.id) if user else ""})


def begin_step_up(*, actor: Principal) -> tuple[Json, datetime]:
    """What the caller is asked to prove who they are once more, with a passkey of theirs."""
    return _ask(descriptors(list_passkeys(actor.user_id)), {"user": str(actor.user_id)})


def sign_in(*, credential: Json, device: DeviceClaim) -> DeviceSession:
    """Begin a session for whoever holds a passkey, and unlocked it; that is two factors at once.

    Raises:
        PasskeyRefused: for whatever reason; the challenge is spent either way.
        InvalidCredentials: the account is closed.
    """
    passkey = _proved(credential)
    if passkey is None:
        raise PasskeyRefused
    return sessions.start(user=passkey.user, claim=device, methods=(Method.PASSKEY,))


def check_step_up(*, actor: Principal, credential: Json) -> None:
    """Raises: PasskeyInvalid, unless the caller has just used a passkey of theirs."""
    passkey = _proved(credential)
    if passkey is None or passkey.user_id != actor.user_id:
        raise PasskeyInvalid


def _ask(allowed: list[Descriptor], data: dict[str, str] | None) -> tuple[Json, datetime]:
    issued = challenges.issue(purpose=ChallengePurpose.PASSKEY_SIGN_IN, data=data)
    return ceremonies.request_options(challenge=issued.token, allowed=allowed), issued.expires_at


def _proved(credential: Json) -> Passkey | None:
    """The passkey that signed for a challenge of ours; a failure is put on record, and a client is told no reason."""
    token = ceremonies.challenge_of(credential)
    passkey: Passkey | None = None
    try:
        challenge = challenges.take(purpose=ChallengePurpose.PASSKEY_SIGN_IN, token=token)
        passkey = _find(credential, challenge)
        if passkey is None:
            return _failed(None, "unknown")
        asserted = ceremonies.verify_assertion(credential, challenge=token, public_key=bytes(passkey.public_key))
    except (ChallengeInvalid, PasskeyInvalid) as error:
        return _failed(passkey, error.code)
    return passkey if _count(passkey, asserted) else _failed(passkey, "cloned")


def _find(credential: Json, challenge: Challenge) -> Passkey | None:
    """The passkey named, if it is one that was asked for, and its authenticator agrees on whose it is."""
    named = Passkey.objects.filter(credential_id=str(credential.get("id"))).select_related("user").first()
    if named is None or challenge.data.get("user", str(named.user_id)) != str(named.user_id):
        return None
    handle = credential["response"].get("userHandle")
    return named if handle in {None, "", ceremonies.handle_of(named.user_id)} else None


def _count(passkey: Passkey, asserted: Asserted) -> bool:
    """Note a use. False where the count did not grow: then there are two of an authenticator that cannot be copied."""
    with transaction.atomic():
        held = lock(Passkey.objects.all(), id=passkey.id)
        if (asserted.sign_count or held.sign_count) and asserted.sign_count <= held.sign_count:
            publish(PasskeyCloned(aggregate_id=held.user_id, passkey_id=held.id), actor_id=held.user_id)
            return False
        save_changes(
            held, sign_count=asserted.sign_count, is_backed_up=asserted.is_backed_up, last_used_at=timezone.now()
        )
        return True


def _failed(passkey: Passkey | None, reason: str) -> Passkey | None:
    """Record why nobody is signed in, and answer with nobody."""
    owner: UUID | str = passkey.user_id if passkey else ""
    record(action="login.failure", outcome="failure", target_type="user", target_id=owner, reason=f"passkey: {reason}")
    return None
