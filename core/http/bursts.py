"""Burst allowances: a push makes people open their app all at once, and who called them must let them in.

For two minutes after a push was handed to its provider, the device may send forty requests beyond its share of the
limits that all routes have in common. Allowances do not add up, and nothing that a client sends makes one: whoever
sends pushes calls `grant`.
Not here: which routes take part (`core/http/limits.py`), the counting (`core/http/gcra.py`).
"""

from uuid import UUID

from core.http import gcra

REQUESTS = 40
SECONDS = 120


def grant(device_id: UUID) -> bool:
    """Give a device, to which the server has just sent a push, its allowance; whether it had none running."""
    return gcra.lend(key_of(str(device_id)), REQUESTS, SECONDS)


def key_of(device_id: str) -> str:
    return f"limit:burst:{device_id}"
