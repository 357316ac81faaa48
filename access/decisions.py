"""Remembering decisions: every answered decision id can be explained, and floods of refusals cannot fill the disk.

The same refusal (caller, method, route, reason) repeated within a minute is one decision: it is answered with
the id of the first, which stands in the trail, and is written again when its count reaches 10, 100, 1,000 …
Callers without a session are told apart by network. When one process has written `REFUSALS_PER_MINUTE`
entries, further callers share one decision per route and reason until the minute ends. So a process writes
at most a few thousand rows a minute, whatever is thrown at it. Counts are kept in memory, because refusals
must be cheapest when a shared cache is busiest; they are lower bounds.
"""

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from django.db import DatabaseError, connection

from access.policy import policy_version
from access.trail import network_of, record
from access.types import Decision
from core import context
from core.db.ids import uuid7

REFUSALS_PER_MINUTE = 1_000
_MANY = "many"
_ACTIONS = {
    "audience": "audience.denied",
    "signed_in": "signin.required",
    "scope": "scope.denied",
    "roles": "header.spoof_attempt",
    "route": "route.unknown",
    "gateway": "gateway.refused",
    "share": "share.denied",
    "assurance": "assurance.denied",
    "step_up": "stepup.required",
}


@dataclass(slots=True)
class Exchange:
    """One request and the decision its answer tells of; what was decided inside a transaction waits for its end."""

    decision: Decision | None = None
    waiting: list[tuple[Decision, int]] = field(default_factory=list)


_exchange: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


@contextmanager
def exchange() -> Iterator[Exchange]:
    """Collect what is decided in this block, and write at its end what could not be written at once.

    An exchange inside of another, and of a transaction that may be taken back, leaves that to the outer one.
    """
    opened = Exchange()
    token = _exchange.set(opened)
    try:
        yield opened
    finally:
        _exchange.reset(token)
        outer = _exchange.get()
        if outer is not None and connection.in_atomic_block:
            outer.waiting += opened.waiting
        else:
            for decision, repeats in opened.waiting:
                _write(decision, repeats)


def remember(decision: Decision) -> Decision:
    """Give the decision its id and write it down so that it stays, whatever becomes of the request."""
    if decision.allowed:
        known, repeats = replace(decision, id=new_decision_id()), 1
    else:
        known, repeats = _recent.count(decision)
    opened = _exchange.get()
    if opened is not None:
        opened.decision = known
    if _is_round(repeats):
        if opened is not None and connection.in_atomic_block:
            opened.waiting.append((known, repeats))
        else:
            _write(known, repeats)
    return known


def new_decision_id() -> str:
    """`dec_` and a UUIDv7 in lower-case base32: sortable by time, 26 characters."""
    return "dec_" + base64.b32encode(uuid7().bytes).decode().rstrip("=").lower()


class RecentRefusals:
    """The refusals of the running minute, with how often each was repeated."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = 0
        self._seen: dict[tuple[str, ...], tuple[Decision, int]] = {}

    def count(self, decision: Decision) -> tuple[Decision, int]:
        """The decision under its id, and how often it was taken this minute."""
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._seen.clear()
            upon = str(decision.resource.id) if decision.resource else ""
            key = (_caller(decision), decision.rule, decision.reason, decision.method, decision.route, upon)
            if key not in self._seen and len(self._seen) >= REFUSALS_PER_MINUTE:
                key = (_MANY, *key[1:])
            known, repeats = self._seen.get(key) or (replace(decision, id=new_decision_id()), 0)
            self._seen[key] = (known, repeats + 1)
        return replace(decision, id=known.id), repeats + 1

    def forget(self) -> None:
        with self._lock:
            self._seen.clear()


_recent = RecentRefusals()
forget_recent = _recent.forget


def _caller(decision: Decision) -> str:
    if decision.rule == "route":
        return _MANY
    if decision.principal:
        return str(decision.principal.session_id)
    return network_of(context.current().client_ip)


def _is_round(count: int) -> bool:
    return str(count).strip("0") == "1"


def _write(decision: Decision, repeats: int) -> None:
    try:
        _record(decision, repeats)
    except DatabaseError:
        forget_recent()  # an id that is not on record must not be answered again
        raise


def _record(decision: Decision, repeats: int) -> None:
    record(
        action=_action(decision),
        outcome="success" if decision.allowed else "denied",
        principal=decision.principal,
        target_type=decision.resource.type if decision.resource else "",
        target_id=decision.resource.id if decision.resource else "",
        reason=decision.reason or decision.rule,
        decision_id=decision.id,
        **_facts(decision, repeats),
    )


def _action(decision: Decision) -> str:
    if decision.allowed:
        return "access.granted"
    return "admin.access" if decision.on_staff_route else _ACTIONS[decision.rule]


def _facts(decision: Decision, repeats: int) -> dict[str, Any]:
    """What `explain` needs to tell the story later."""
    principal = decision.principal
    return {
        "rule": decision.rule,
        "method": decision.method,
        "route": decision.route,
        "scope": decision.scope,
        "audiences": sorted(decision.audiences),
        "policy_version": policy_version(),
        **({"note": decision.note} if decision.note else {}),
        **({"repeats": repeats} if repeats > 1 else {}),
        **(
            {"audience": principal.audience, "roles": sorted(principal.roles), "scopes": sorted(principal.scopes)}
            if principal
            else {}
        ),
    }
