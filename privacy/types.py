"""The vocabulary of privacy: states of exports, erasures and requests, and the values that views show."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

SALE = "sale_or_sharing"  # the purpose that "do not sell" is about


class ExportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    SPENT = "spent"  # downloaded, once
    EXPIRED = "expired"
    FAILED = "failed"


class ErasureStatus(StrEnum):
    REQUESTED = "requested"  # by mail, and not yet confirmed
    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # never confirmed


class StepKind(StrEnum):
    REVOCATION = "revocation"
    COLLECTION = "collection"


class StepStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"  # given up; the receipt says what to do by hand


class Source(StrEnum):
    """Through which door somebody came."""

    APP = "app"
    WEB = "web"
    GPC = "gpc"  # the header Sec-GPC
    STAFF = "staff"
    PROVIDER = "provider"  # a sign-in provider told us, such as Apple or Facebook
    RESTORE = "restore"  # done again after a backup was restored


class RequestKind(StrEnum):
    ACCESS = "access"
    DELETE = "delete"
    CORRECT = "correct"
    RESTRICT = "restrict"
    OBJECT = "object"
    LIMIT = "limit_sensitive"
    OPT_OUT = "opt_out"


class RequestStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Deletion:
    """The erasure of an account as its owner sees it. `receipt` is there when it is done."""

    id: UUID
    status: str
    requested_at: datetime
    executes_at: datetime | None
    cancelled_at: datetime | None
    finished_at: datetime | None
    receipt: dict[str, Any]
    place: str = "deletion"  # what stands behind `auth/me/`

    @property
    def is_cancellable(self) -> bool:
        return self.status in {ErasureStatus.REQUESTED, ErasureStatus.SCHEDULED}


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody has said about one purpose, and what is asked now."""

    purpose: str
    title: str
    text: str
    current_version: int
    given: bool
    version: int | None
    decided_at: datetime | None
    source: str

    @property
    def is_outdated(self) -> bool:
        """Whether the text has changed since it was agreed to."""
        return self.given and self.version is not None and self.version < self.current_version
