"""The vocabulary of sign-in: devices as clients describe them, and why a session ended."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Literal
from uuid import UUID

from core.http.access import Assurance, Audience


class Platform(StrEnum):
    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


class Provider(StrEnum):
    """Who vouches for people that sign in with an account elsewhere."""

    APPLE = "apple"
    GOOGLE = "google"
    FACEBOOK = "facebook"


AUDIENCES = {
    Platform.ANDROID: Audience.ANDROID,
    Platform.IOS: Audience.IOS,
    Platform.WEB: Audience.WEB,
}


class EndReason(StrEnum):
    LOGOUT = "logout"
    REVOKED = "revoked"
    DEVICE_REMOVED = "device_removed"
    EVICTED = "evicted"
    REUSE = "reuse"
    PASSWORD_RESET = "password_reset"  # noqa: S105  a reason, not a secret
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    FACTOR_CHANGED = "factor_changed"
    EMAIL_CHANGED = "email_changed"
    RECOVERED = "recovered"
    SUSPENDED = "suspended"
    UNLINKED = "unlinked"  # the provider says that they took their permission back


class Method(StrEnum):
    """How somebody proved who they are; the `amr` of tokens. RFC 8176 has the first two, the others are ours."""

    PASSWORD = "pwd"  # noqa: S105
    TOTP = "otp"
    RECOVERY_CODE = "recovery"
    EMAIL = "email"
    SOCIAL = "social"
    PASSKEY = "passkey"
    BIOMETRIC = "biometric"


class Strength(IntEnum):
    """What proofs are worth together. Reading somebody's mail is not being them (NIST SP 800-63B, section 3.1.3)."""

    LOW = 1
    SINGLE = 2
    MULTI = 3


_MULTI = frozenset({Method.PASSKEY, Method.BIOMETRIC})
_SECOND = frozenset({Method.TOTP, Method.RECOVERY_CODE})
_SINGLE = frozenset({Method.PASSWORD, Method.SOCIAL})


def strength_of(methods: Collection[Method]) -> Strength:
    """A key that asks for a finger counts as two factors by itself, a code only beside another proof."""
    used = frozenset(methods)
    if used & _MULTI or (used & _SECOND and used - _SECOND):
        return Strength.MULTI
    return Strength.SINGLE if used & _SINGLE else Strength.LOW


class ChallengePurpose(StrEnum):
    """What an answered challenge allows, once."""

    SECOND_FACTOR = "second_factor"
    TOTP_ENROLMENT = "totp_enrolment"
    PASSWORDLESS = "passwordless"
    CHANGE_EMAIL = "change_email"
    RECOVERY = "recovery"
    PASSKEY_REGISTRATION = "passkey_registration"
    PASSKEY_SIGN_IN = "passkey_sign_in"
    BIOMETRIC = "biometric"
    SIGNED_TRANSACTION = "signed_transaction"
    SOCIAL_NONCE = "social_nonce"
    ATTESTATION = "attestation"


class MailedSecret(StrEnum):
    """What is mailed to whoever signs in without a password."""

    CODE = "code"
    LINK = "link"


class Signing(StrEnum):
    """What a device signs for behind its biometrics."""

    SIGN_IN = "sign_in"
    STEP_UP = "step_up"
    TRANSACTION = "transaction"


class Purpose(StrEnum):
    """What a link in a mail allows, once."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105


@dataclass(frozen=True, slots=True)
class DeviceClaim:
    """A device as the client describes it. Nothing of it is trusted; it only names and tells apart.

    Except `proof_key`, the thumbprint of a key that the client has proved to hold: the session will be bound to it.
    """

    platform: Platform = Platform.WEB
    id: UUID | None = None
    name: str = ""
    model: str = ""
    os_version: str = ""
    app_version: str = ""
    fingerprint: str = ""
    proof_key: str = ""


@dataclass(frozen=True, slots=True)
class SessionView:
    """What the check of every request needs to know of a session, cacheable for seconds."""

    user_id: UUID
    device_id: UUID
    audience: Audience
    security_version: int
    counter: int
    confirmed: bool
    fingerprint: str
    workspace_id: UUID | None
    locale: str
    timezone: str
    assurance: Assurance
    proved_at: datetime | None
    proof_key: str


@dataclass(frozen=True, slots=True)
class WorkspaceView:
    id: UUID
    name: str
    currency: str
    role: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person as they see themselves, with what they may do now."""

    id: UUID
    email: str
    full_name: str
    phone: str
    is_email_verified: bool
    locale: str
    timezone: str
    roles: list[str]
    scopes: list[str]
    workspace: WorkspaceView | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What somebody is asked for beside a first proof, since when, and how many recovery codes are left."""

    enabled_at: datetime | None
    methods: list[Method]
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class Security:
    """One answer for the screen on which somebody looks after their account; times are null where there is nothing."""

    email: str
    is_email_verified: bool
    has_password: bool
    second_factor: SecondFactor
    passkeys: list[Any]
    identities: list[Any]
    sessions: list[Any]
    devices: list[Any]
    recent_events: list[Any]
    recovery_ready_at: datetime | None
    payouts_held_until: datetime | None


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What a client receives whenever it is given tokens. Times are seconds from now."""

    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int
    scope: str
    user: Account
    device: Any
    token_type: Literal["bearer", "DPoP"]
