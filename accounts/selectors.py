"""Reading people, devices and sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from access.selectors import security_events_of
from accounts.addresses import canonical
from accounts.models import (
    AccountRecovery,
    BiometricKey,
    Device,
    DeviceSession,
    EmailChange,
    Membership,
    Passkey,
    RecoveryCode,
    SocialIdentity,
    User,
)
from accounts.types import Account, Method, SecondFactor, Security, SessionView, WorkspaceView
from core.db.prepared import prepared_instances, prepared_rows
from core.errors import Invalid, NotFound
from core.http.access import Assurance, Audience

RECENT = 10


def get_user(user_id: UUID) -> User:
    """Raises: NotFound."""
    user = find_user(user_id)
    if user is None:
        raise NotFound
    return user


def find_user(user_id: UUID) -> User | None:
    return _user.first(user_id)


def find_by_email(email: str) -> User | None:
    try:
        return _user_by_email.first(canonical(email))
    except Invalid:
        return None


def is_reserved(address: str, *, but_for: UUID | None = None) -> bool:
    """Whether an address waits for its owner, who can still take back that it was changed; `but_for` that owner."""
    kept = EmailChange.objects.filter(old_email=address, is_revertible=True, expires_at__gt=timezone.now())
    confirmed = kept.exclude(confirmed_at=None)
    return (confirmed.exclude(user_id=but_for) if but_for else confirmed).exists()


def account_of(user: User, *, roles: frozenset[str], scopes: frozenset[str]) -> Account:
    """A person as they see themselves, holding `roles` and `scopes` at this moment."""
    return Account(
        id=user.id,
        email=user.email,
        full_name=user.full_name,
        phone=user.phone,
        is_email_verified=user.is_email_verified,
        locale=user.locale,
        timezone=user.timezone,
        roles=sorted(roles),
        scopes=sorted(scopes),
        workspace=find_home_workspace(user.id),
        created_at=user.created_at,
        updated_at=user.updated_at,
    )


def find_home_workspace(user_id: UUID) -> WorkspaceView | None:
    """The workspace somebody works in: the one joined first, which is their own."""
    rows = _home_workspace(user_id)
    return WorkspaceView(*rows[0]) if rows else None


def homes_of(user_id: UUID) -> list[UUID]:
    """Ids of the workspaces that are somebody's own, which is one; others may be guests there."""
    own = Membership.objects.filter(user_id=user_id, role=Membership.Role.OWNER, workspace__is_personal=True)
    return list(own.values_list("workspace_id", flat=True))


def workspaces_of(user_id: UUID) -> list[UUID]:
    """Ids of the workspaces that somebody is a member of, the one joined first at the head."""
    memberships = Membership.objects.filter(user_id=user_id).order_by("id")
    return list(memberships.values_list("workspace_id", flat=True))


def second_factor_of(user_id: UUID) -> SecondFactor:
    """What is asked of somebody beside a first proof.

    Raises: NotFound.
    """
    return _second_factor(get_user(user_id))


def _second_factor(user: User) -> SecondFactor:
    left = RecoveryCode.objects.filter(user=user).count()
    methods = [Method.TOTP, *([Method.RECOVERY_CODE] if left else [])] if user.has_second_factor else []
    return SecondFactor(user.second_factor_at, methods, left)


def find_device(device_id: UUID) -> Device | None:
    return Device.objects.filter(id=device_id).first()


def security_of(user_id: UUID) -> Security:
    """How somebody's account is secured, and what has happened to it lately. So many queries, whatever there is.

    Raises: NotFound.
    """
    user, recovery = get_user(user_id), AccountRecovery.objects.filter(user_id=user_id, expires_at__gt=timezone.now())
    return Security(
        email=user.email,
        is_email_verified=user.is_email_verified,
        has_password=user.has_usable_password(),
        second_factor=_second_factor(user),
        passkeys=list(list_passkeys(user_id)),
        identities=list(list_identities(user_id)),
        sessions=list(list_sessions(user_id).order_by("-rotated_at")),
        devices=list(list_devices(user_id).order_by("-last_seen_at")[:RECENT]),
        recent_events=list(security_events_of(user_id)[:RECENT]),
        recovery_ready_at=recovery.exclude(ready_at=None).values_list("ready_at", flat=True).first(),
        payouts_held_until=_future(user.payouts_held_until),
    )


def payouts_held_until(user_id: UUID) -> datetime | None:
    """Until when nothing may be paid out at somebody's word, if that is so."""
    return _future(User.objects.filter(id=user_id).values_list("payouts_held_until", flat=True).first())


def _future(moment: datetime | None) -> datetime | None:
    return moment if moment and moment > timezone.now() else None


def list_devices(user_id: UUID) -> QuerySet[Device]:
    return Device.objects.of(user_id)


def list_sessions(user_id: UUID) -> QuerySet[DeviceSession]:
    """The live sessions of one person."""
    return DeviceSession.objects.of(user_id).live().select_related("device")


def list_identities(user_id: UUID) -> QuerySet[SocialIdentity]:
    """The accounts at providers that somebody may sign in with."""
    return SocialIdentity.objects.of(user_id)


def is_mail_stopped(address: str) -> bool:
    """Whether nothing may be sent to an address: Apple's relay addresses can be switched off by their owners."""
    return SocialIdentity.objects.filter(email=address, revoked_at=None).exclude(mail_stopped_at=None).exists()


def find_live_session(session_id: UUID) -> SessionView | None:
    """What the check of a request needs, if the session has not ended and its user may still sign in."""
    rows = _live_session(session_id)
    if not rows:
        return None
    user_id, device_id, audience, security_version, counter, confirmed, fingerprint, locale, time_zone, *trust = rows[0]
    assurance, proved_at, proof_key = trust
    workspace = find_home_workspace(user_id)
    return SessionView(
        user_id=user_id,
        device_id=device_id,
        audience=Audience(audience),
        security_version=security_version,
        counter=counter,
        confirmed=confirmed,
        fingerprint=fingerprint,
        workspace_id=workspace.id if workspace else None,
        locale=locale,
        timezone=time_zone,
        assurance=Assurance(assurance),
        proved_at=proved_at,
        proof_key=proof_key,
    )


def list_passkeys(user_id: UUID) -> QuerySet[Passkey]:
    return Passkey.objects.filter(user_id=user_id)


def find_biometric_key(device_id: UUID) -> BiometricKey | None:
    """The key of a device, while it counts: neither locked, nor of a removed device, nor older than a reset."""
    keys = BiometricKey.objects.filter(
        device_id=device_id, locked_at=None, device__revoked_at=None, user__is_active=True
    )
    return keys.filter(security_version=F("user__security_version")).select_related("user", "device").first()


def has_another_way_in(user: User, *, without: UUID) -> bool:
    """Whether somebody could still sign in if this passkey, or identity elsewhere, of theirs were gone."""
    rest = (list_passkeys(user.id).exclude(id=without), SocialIdentity.objects.of(user.id).exclude(id=without))
    return user.has_usable_password() or any(rows.exists() for rows in rest)


@prepared_instances
def _user(user_id: Any) -> QuerySet[User]:
    return User.objects.filter(id=user_id)


@prepared_instances
def _user_by_email(address: Any) -> QuerySet[User]:
    return User.objects.filter(email=address)


@prepared_rows
def _home_workspace(user_id: Any) -> QuerySet[Any, Any]:
    first = Membership.objects.filter(user_id=user_id).order_by("id")[:1]
    return first.values_list("workspace_id", "workspace__name", "workspace__currency", "role")


@prepared_rows
def _live_session(session_id: Any) -> QuerySet[Any, Any]:
    return DeviceSession.objects.filter(id=session_id, revoked_at=None, user__is_active=True).values_list(
        "user_id",
        "device_id",
        "audience",
        "user__security_version",
        "counter",
        "confirmed",
        "device__fingerprint",
        "user__locale",
        "user__timezone",
        "device__assurance",
        "proved_at",
        "proof_key",
    )
