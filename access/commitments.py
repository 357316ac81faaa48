"""What of an audit entry is personal, and how it can go without breaking the chain.

The chain is over the lasting columns and over a digest of each personal part. A digest is salted, and the salt lies
beside the part: as long as it does, the part is proven to be what was written; where salt and part are blanked, the
digest tells nothing, and the chain still holds. Who may blank what is for `redaction.py` and `chain.verify`.
"""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from access.models import AuditEntry

SALT = 16  # bytes
KEEP_ORIGIN = timedelta(days=90)

PARTS: Mapping[str, Mapping[str, Any]] = {
    "origin": {"ip": "", "user_agent": ""},
    "facts": {"reason": "", "details": {}},
}
"""Part -> its columns, with what they hold once they are blank."""

FLEETING = frozenset(name for part, columns in PARTS.items() for name in (f"{part}_salt", *columns))
LASTING = tuple(field.attname for field in AuditEntry._meta.concrete_fields if field.attname not in FLEETING)


def commit(entry: AuditEntry) -> AuditEntry:
    """Bind a new entry to its personal parts."""
    for part in PARTS:
        setattr(entry, f"{part}_salt", os.urandom(SALT))
        setattr(entry, f"{part}_digest", digest(entry, part))
    return entry


def digest(entry: AuditEntry, part: str) -> bytes:
    values = [getattr(entry, column) for column in PARTS[part]]
    return sha256(bytes(getattr(entry, f"{part}_salt")) + json.dumps(values, sort_keys=True).encode()).digest()


def is_bound(entry: AuditEntry, part: str) -> bool:
    """Whether a part is what was written."""
    return is_salted(entry, part) and digest(entry, part) == bytes(getattr(entry, f"{part}_digest"))


def is_salted(entry: AuditEntry, part: str) -> bool:
    return len(getattr(entry, f"{part}_salt")) > 0


def is_blank(entry: AuditEntry, part: str) -> bool:
    return not is_salted(entry, part) and all(getattr(entry, column) == blank for column, blank in PARTS[part].items())


def blanked(part: str) -> dict[str, Any]:
    """The columns of a part, without what they held and without proof of it."""
    return {**PARTS[part], f"{part}_salt": b""}
