"""What a person gets of the audit trail, and what their leaving takes from requests for staff powers."""

import io
import json
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest

from access import services
from access.models import AccessRequest
from access.selectors import roles_of, security_events_of
from core import context
from core.contributions.privacy import personal_data
from core.db.ids import uuid7
from privacy import archive, shredder

pytestmark = pytest.mark.django_db

DESK = context.Context(client_ip="198.51.100.77", user_agent="Staff's browser", session_id=str(uuid7()))
PHONE = context.Context(client_ip="203.0.113.5", user_agent="Carl's phone")


def exported(user_id: UUID, collection: str) -> dict[str, dict[str, Any]]:
    """The rows that a person gets, by id."""
    file = io.BytesIO()
    archive.write(file, user_id=user_id, progress=lambda share: None)
    rows = json.loads(ZipFile(file).read(f"{collection}.json"))
    return {row["id"]: row for row in rows}


def forget(user_id: UUID, *collections: str) -> None:
    for each in personal_data():
        if each.collection in collections:
            shredder.shred(each, user_id)


def test_export__of_security_events__holds_all_that_owners_are_shown(ada: UUID, carl: UUID) -> None:
    with context.scope(DESK):
        services.give_role(actor=ada, user_id=carl, role="client", reason="by phone")
        services.record(action="user.suspended", outcome="success", user_id=ada, target_type="user", target_id=carl)
    with context.scope(PHONE):
        services.record(action="login.failure", outcome="failure", target_type="user", target_id=carl)
        services.record(action="login.success", outcome="success", user_id=carl)
        services.record(action="mentor.applied", outcome="success", user_id=carl)

    rows = exported(carl, "security_events")

    assert {str(event.id) for event in security_events_of(carl)} <= rows.keys()
    assert {row["action"] for row in rows.values()} == {
        "role.granted", "user.suspended", "login.failure", "login.success", "mentor.applied",
    }  # fmt: skip
    assert next(row for row in rows.values() if row["action"] == "role.granted")["reason"] == "by phone"


def test_export__of_security_events__tells_nothing_of_from_where_others_acted(ada: UUID, carl: UUID) -> None:
    with context.scope(DESK):
        services.give_role(actor=ada, user_id=carl, role="client", reason="by phone")
    with context.scope(PHONE):
        services.record(action="login.failure", outcome="failure", target_type="user", target_id=carl)
        services.record(action="login.success", outcome="success", user_id=carl)

    rows, origins = exported(carl, "security_events"), exported(carl, "security_event_origins")

    assert not {"ip", "user_agent", "session_id", "device_id"} & {name for row in rows.values() for name in row}
    told = {(rows[key]["action"], origin["ip"], origin["user_agent"]) for key, origin in origins.items()}
    assert told == {
        ("login.failure", PHONE.client_ip, PHONE.user_agent),
        ("login.success", PHONE.client_ip, PHONE.user_agent),
    }


def test_export__of_security_events__tells_not_who_blocked_or_reported_the_person(ada: UUID, carl: UUID) -> None:
    for action in ("block.set", "report.filed"):
        services.record(action=action, outcome="success", user_id=ada, target_type="user", target_id=carl)

    assert exported(carl, "security_events") == {}


def test_erasure__of_both_admins__leaves_whom_they_made_what(ada: UUID, bert: UUID, carl: UUID) -> None:
    asked = services.give_role(actor=ada, user_id=carl, role="admin", reason="needs it")
    assert asked is not None
    services.approve(actor=bert, request_id=asked.id, note="checked with HR")

    for leaver in (ada, bert):
        forget(leaver, "security_events", "access_requests")

    asked.refresh_from_db()
    assert (asked.reason, asked.note) == ("needs it", "checked with HR")
    [held] = roles_of(carl)
    assert (held.name, held.reason, held.given_by) == ("admin", "needs it", "bert@example.com")
    assert held.since is not None


def test_erasure__of_whoever_was_to_get_it__takes_what_was_said_of_them(ada: UUID, bert: UUID, carl: UUID) -> None:
    asked = services.give_role(actor=ada, user_id=carl, role="admin", reason="Carl is kind")
    assert asked is not None
    services.reject(actor=bert, request_id=asked.id, note="Carl is not")

    forget(carl, "access_requests")
    forget(carl, "access_requests")

    [left] = AccessRequest.objects.all()
    assert (left.reason, left.note, left.status, left.rev) == ("", "", "rejected", 3)
