"""Proving once more who one is, before doing what asks for it. The proof counts for this session, at once, everywhere.

A fresh second factor is enough for whoever has one, because the session itself began with the first; nothing less is.
Reading somebody's mail proves nothing here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from access.services import forget_grants, record
from access.types import Principal
from accounts.errors import CodeInvalid, MethodNotAvailable, PasswordWrong, SessionEnded
from accounts.models import DeviceSession, User
from accounts.selectors import find_biometric_key, get_user, list_passkeys
from accounts.services import passkey_sign_in, proofs
from accounts.services.sessions import enough_for
from accounts.types import Method, strength_of
from core.db.changes import lock, save_changes

_FACTORS = (Method.TOTP, Method.RECOVERY_CODE)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody may prove who they are, and until when their last proof counts, if it still does."""

    methods: list[Method]
    fresh_until: datetime | None

    @property
    def is_fresh(self) -> bool:
        return self.fresh_until is not None


def standing_of(actor: Principal) -> Standing:
    return _standing(actor, get_user(actor.user_id), actor.proved_at)


def step_up(*, actor: Principal, method: Method, secret: str) -> Standing:
    """Prove it by a password or a code.

    Raises:
        MethodNotAvailable: this account has none of these, or something better.
        PasswordWrong, CodeInvalid: that is not it.
        TooManyAttempts: guessing, or so it seems.
    """
    user = get_user(actor.user_id)
    if method not in methods_of(user):
        raise MethodNotAvailable
    proofs.admit(user.id, signed_in=True)
    is_right = proofs.holds(user, method, secret)
    with transaction.atomic():
        user = lock(User.objects.all(), id=actor.user_id)
        proved = is_right or proofs.spend(user, method, secret)
        record(action="login.stepped_up", outcome="success" if proved else "failure", principal=actor, method=method)
        session = prove(actor=actor, method=method) if proved else None
    if session is None:
        raise PasswordWrong if method is Method.PASSWORD else CodeInvalid
    proofs.forgive(user.id, signed_in=True)
    return _standing(actor, user, session.proved_at)


def by_passkey(*, actor: Principal, credential: dict[str, Any]) -> Standing:
    """Prove it by a passkey of one's own, which has answered a challenge of `passkey_sign_in.begin_step_up`.

    Raises:
        PasskeyInvalid: it has not, or it is not theirs.
    """
    passkey_sign_in.check_step_up(actor=actor, credential=credential)
    return proved_by(actor=actor, method=Method.PASSKEY)


def proved_by(*, actor: Principal, method: Method) -> Standing:
    """Take down a proof that a key has given, for the record and for the session."""
    with transaction.atomic():
        session = prove(actor=actor, method=method)
        record(action="login.stepped_up", outcome="success", principal=actor, method=method)
    return _standing(actor, get_user(actor.user_id), session.proved_at)


def prove(*, actor: Principal, method: Method) -> DeviceSession:
    """Take down that the caller has just proved who they are by `method`, which somebody else has judged.

    Raises:
        MethodNotAvailable: the method is not worth enough for this account.
        SessionEnded: in the meantime.
    """
    with transaction.atomic():
        user = lock(User.objects.all(), id=actor.user_id)
        if not is_enough(user, method):
            raise MethodNotAvailable
        own = DeviceSession.objects.of(user.id).live().filter(id=actor.session_id)
        session = own.select_for_update(no_key=True).first()
        if session is None:
            raise SessionEnded
        amr = " ".join(dict.fromkeys([*session.amr.split(), method]))
        forget_grants(user.id)  # every process remembers sessions and grants together
        proved: DeviceSession = save_changes(session, amr=amr, proved_at=timezone.now())
        return proved


def is_enough(user: User, method: Method) -> bool:
    if user.has_second_factor and method in _FACTORS:
        return True
    return method not in _FACTORS and strength_of((method,)) >= enough_for(user)


def methods_of(user: User) -> list[Method]:
    """What the account has to prove itself with, of those that are enough."""
    has = {
        Method.TOTP: user.has_second_factor,
        Method.RECOVERY_CODE: user.has_second_factor and user.recovery_codes.exists(),
        Method.PASSWORD: user.has_usable_password(),
    }
    return [method for method, it_has in has.items() if it_has and is_enough(user, method)]


def _keys_of(actor: Principal) -> list[Method]:
    """The keys that the caller could prove themselves with here; each is worth two factors."""
    has_biometrics = actor.device_id is not None and find_biometric_key(actor.device_id) is not None
    has = {Method.PASSKEY: list_passkeys(actor.user_id).exists(), Method.BIOMETRIC: has_biometrics}
    return [method for method, it_has in has.items() if it_has]


def _standing(actor: Principal, user: User, proved_at: datetime | None) -> Standing:
    until = proved_at + settings.STEP_UP_FRESHNESS if proved_at else None
    return Standing([*methods_of(user), *_keys_of(actor)], until if until and until >= timezone.now() else None)
