"""Reading people, devices and sessions."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.addresses import canonical
from accounts.models import Device, DeviceSession, Membership, User
from accounts.types import Account, SessionView, WorkspaceView
from core.db.binary import fetch_rows
from core.db.instances import fetch_first
from core.errors import Invalid, NotFound
from core.http.access import Audience


def get_user(user_id: UUID) -> User:
    """Raises: NotFound."""
    user = find_user(user_id)
    if user is None:
        raise NotFound
    return user


def find_user(user_id: UUID) -> User | None:
    return fetch_first(User.objects.filter(id=user_id))


def find_by_email(email: str) -> User | None:
    try:
        return fetch_first(User.objects.filter(email=canonical(email)))
    except Invalid:
        return None


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
    first = Membership.objects.filter(user_id=user_id).order_by("id")[:1]
    rows = fetch_rows(first, ("workspace_id", "workspace__name", "workspace__currency", "role"))
    return WorkspaceView(*rows[0]) if rows else None


def list_devices(user_id: UUID) -> QuerySet[Device]:
    return Device.objects.of(user_id)


def list_sessions(user_id: UUID) -> QuerySet[DeviceSession]:
    """The live sessions of one person."""
    return DeviceSession.objects.of(user_id).live().select_related("device")


def find_live_session(session_id: UUID) -> SessionView | None:
    """What the check of a request needs, if the session has not ended and its user may still sign in."""
    row = (
        DeviceSession.objects.filter(id=session_id, revoked_at=None, user__is_active=True)
        .values_list(
            "user_id",
            "device_id",
            "audience",
            "user__security_version",
            "counter",
            "confirmed",
            "device__fingerprint",
            "user__locale",
            "user__timezone",
        )
        .first()
    )
    if row is None:
        return None
    workspace = find_home_workspace(row[0])
    user_id, device_id, audience, security_version, counter, confirmed, fingerprint, locale, timezone = row
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
        timezone=timezone,
    )
