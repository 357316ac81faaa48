"""The vocabulary of sign-in: devices as clients describe them, and why a session ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.http.access import Audience


class Platform(StrEnum):
    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


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
    SUSPENDED = "suspended"


class Purpose(StrEnum):
    """What a link in a mail allows, once."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105


@dataclass(frozen=True, slots=True)
class DeviceClaim:
    """A device as the client describes it. Nothing of it is trusted; it only names and tells apart."""

    platform: Platform = Platform.WEB
    id: UUID | None = None
    name: str = ""
    model: str = ""
    os_version: str = ""
    app_version: str = ""
    fingerprint: str = ""


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
class TokenAnswer:
    """What a client receives whenever it is given tokens. Times are seconds from now."""

    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int
    scope: str
    user: Account
    device: Any
    token_type: str = "bearer"  # noqa: S105
