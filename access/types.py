"""Who is asking. `accounts/` builds a `Principal` once per request; everything else only reads it."""

from dataclasses import dataclass
from uuid import UUID

from core.context import Channel
from core.http.access import Audience

CHANNELS = {
    Audience.ANDROID: Channel.ANDROID,
    Audience.IOS: Channel.IOS,
    Audience.WEB: Channel.WEB,
    Audience.ADMIN: Channel.ADMIN,
}


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in caller, with what may be done at this moment.

    `roles` are those held, already narrowed by `X-Gigvora-Roles`; `scopes` those the roles grant and the token
    allows. `access_version` changes whenever either does, so that answers cached under it never outlive a change.
    """

    user_id: UUID
    session_id: UUID
    device_id: UUID | None
    audience: Audience
    roles: frozenset[str]
    scopes: frozenset[str]
    access_version: str
    workspace_id: UUID | None = None
    locale: str = "en"
    timezone: str = "UTC"
    is_superuser: bool = False

    is_authenticated = True  # what DRF asks of `request.user`

    @property
    def channel(self) -> Channel:
        return CHANNELS[self.audience]
