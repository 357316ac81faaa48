"""Identifiers: UUIDv7 (RFC 9562), sortable by creation time, so indexes grow at their end."""

from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> UUID:
    return _uuid7()
