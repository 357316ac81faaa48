"""What clients hand in, what a provider vouches for, and what it tells us of its own accord."""

from dataclasses import dataclass
from datetime import datetime

from accounts.types import Provider


@dataclass(frozen=True, slots=True)
class Proof:
    """What an app received from the provider. `nonce` is ours, as we gave it to the app."""

    id_token: str = ""
    access_token: str = ""
    nonce: str = ""
    authorization_code: str = ""


@dataclass(frozen=True, slots=True)
class Proven:
    """A person as the provider knows them.

    `is_email_verified` is the provider's word; `is_email_owned` says that it is the one to know, today as well: it
    hosts the mailbox or keeps asking. `vouched_at` is when it said all that, in whole seconds of its own clock.
    `nonce` is what must be spent for the proof to count, None where the kind of proof has none. `refresh_token` and
    `client_id` are kept for taking the permission back one day.
    """

    provider: Provider
    subject: str
    vouched_at: datetime
    email: str = ""
    is_email_verified: bool = False
    is_email_owned: bool = False
    full_name: str = ""
    nonce: str | None = None
    client_id: str = ""
    refresh_token: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a provider tells us of somebody. `occurred_at` is when it happened, by the provider's clock."""

    subject: str
    occurred_at: datetime
    kind: str = ""
    id: str = ""
