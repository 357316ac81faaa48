"""Nothing is left: a person writes unmistakable words wherever they can, is erased, and the words are nowhere.

Searched are all columns of all tables, all files, and everything that was logged.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from access import append_only, chain
from access.commitments import KEEP_ORIGIN
from access.models import AuditEntry
from accounts.models import User
from core.observability.logs import Formatter
from events import services as events
from mentors.models import Mentor
from privacy.services import exports
from tests.accounts.actors import MakeUser, SignedInClient, SignIn
from tests.mentors.conftest import make_mentor
from tests.privacy.conftest import after_grace, let_pass

pytestmark = pytest.mark.django_db

MARKER = "Zyxomma"
ADDRESS = f"{MARKER.lower()}@petiolatum.example"
PASSWORD = "correct-Horse-7-staple"
PHONE = "+4915199887766"
PLACE = "198.51.100.234"
WORDS = (MARKER.lower(), "petiolatum", PHONE, PLACE)
AGENT = f"Gigvora/1.0 ({MARKER} phone)"
DEVICE = {
    "platform": "ios",
    "name": f"{MARKER}'s phone",
    "model": f"{MARKER} 12",
    "os_version": f"{MARKER} 17",
    "app_version": f"{MARKER} 9",
    "fingerprint": f"{MARKER}-fingerprint",
}
EVENT = {
    "title": f"Dinner with {MARKER}",
    "description": f"{MARKER} pays",
    "location": f"{MARKER} street 1",
    "video_conference_link": f"https://meet.example/{MARKER}",
    "related_entity_type": "gig",
    "related_entity_id": MARKER,
    "metadata": {MARKER: {"deep": [MARKER]}},
    "visibility": "workspace",
    "reminder_minutes": 10,
    "starts_at": "2026-12-01T09:00:00Z",
    "ends_at": "2026-12-01T10:00:00Z",
}
FILE = f"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//{MARKER}//EN\r
BEGIN:VEVENT\r
UID:{MARKER}-uid\r
DTSTAMP:20261101T000000Z\r
DTSTART:20261203T090000Z\r
DTEND:20261203T100000Z\r
SUMMARY:{MARKER} imported\r
X-NOTE:{MARKER}\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Every line, as production writes it."""
    lines: list[str] = []
    formatter = Formatter(json=True)

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(formatter.format(record))

    handler = Keep()
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


def columns_with_words() -> set[str]:
    """Each `table.column` in which one of the words stands, whatever the column's type."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found |= {f"{table}.{name}" for name, value in zip(names, row, strict=True) if has_word(value)}
    return found


def has_word(value: Any) -> bool:
    text = bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
    return any(word in text.lower() for word in WORDS)


def files_with_words() -> list[str]:
    private: Any = storages["private"]
    roots = [Path(private.location), Path(settings.GIGVORA_HOME)]
    files = [path for root in roots for path in root.rglob("*") if path.is_file() and "sqlite3" not in path.name]
    return [str(path) for path in files if has_word(path.name) or has_word(path.read_bytes())]


class Person:
    """Writes the words wherever the API takes some."""

    def __init__(self) -> None:
        self.api = APIClient(REMOTE_ADDR=PLACE, HTTP_USER_AGENT=AGENT)

    def post(self, path: str, body: Any = None, **headers: Any) -> Any:
        answer = self.api.post(path, body or {}, format="json", **headers)
        assert answer.status_code < 300, (path, answer.content)
        return answer

    def join(self) -> None:
        body = {"email": ADDRESS, "password": PASSWORD, "full_name": f"{MARKER} Sanders", "device": DEVICE}
        self._carry(self.post("/v1/auth/register", body, HTTP_IDEMPOTENCY_KEY=f"{MARKER}-join").json())
        events.dispatch()
        self.api.patch("/v1/auth/me", {"phone": PHONE, "full_name": f"Dr {MARKER}"}, format="json")
        self.renew()

    def renew(self) -> None:
        self._carry(self.post("/v1/auth/refresh", {"refresh_token": self.refresh_token}).json())

    def be_mistaken(self) -> None:
        stranger = APIClient(REMOTE_ADDR=PLACE, HTTP_USER_AGENT=AGENT)
        wrong = {"email": ADDRESS, "password": f"{MARKER}-wrong"}
        assert stranger.post("/v1/auth/login", wrong, format="json").status_code == 401
        assert self.api.get("/v1/auth/me", HTTP_X_GIGVORA_ROLES=MARKER.lower()).status_code == 403
        assert self.api.post("/v1/calendar/events", {"title": MARKER, MARKER: 1}, format="json").status_code == 422
        assert self.api.get(f"/v1/devices?{MARKER}={MARKER}").status_code in {400, 422}
        assert self.api.get("/v1/nothing-here").status_code == 404
        for path in ("forgot-password", "verify-email"):
            self.post(f"/v1/auth/{path}", {"email": ADDRESS})

    def plan(self) -> None:
        event = self.post("/v1/calendar/events", EVENT, HTTP_IDEMPOTENCY_KEY=f"{MARKER}-plan").json()
        self.post(f"/v1/calendar/events/{event['id']}/cancel", {"reason": f"{MARKER} is ill"})
        series = self.post("/v1/calendar/events", {**EVENT, "recurrence": "FREQ=DAILY;COUNT=5"}).json()
        occurrence = f"/v1/calendar/events/{series['id']}:20261202T090000Z"
        changed = self.api.patch(occurrence, {"title": f"{MARKER} again", "scope": "this"}, format="json")
        assert changed.status_code == 200, changed.content
        assert self.api.delete(occurrence.replace("1202", "1203")).status_code < 300
        taken = self.api.post("/v1/calendar/import", FILE, content_type="text/calendar")
        assert taken.status_code == 200, taken.content
        self.post("/v1/calendar/subscription")

    def trade(self, other: SignedInClient) -> None:
        """Take part in the marketplace, and be written to by somebody else."""
        listing = {"category": "gig", "title": f"{MARKER} designs", "description": f"By {MARKER}", "location": MARKER}
        own = self.post("/v1/explorer/listings", {**listing, "organization": f"{MARKER} Ltd"}).json()
        self.post(f"/v1/explorer/listings/{own['id']}/publish")
        theirs = other.post("/v1/explorer/listings", {"category": "gig", "title": "Wanted"}, format="json").json()
        other.post(f"/v1/explorer/listings/{theirs['id']}/publish")
        self.post(f"/v1/explorer/listings/{theirs['id']}/apply", {"message": f"{MARKER} can do it"})
        self.api.put(f"/v1/explorer/listings/{theirs['id']}/like")
        report = {"subject_type": "listing", "subject_id": theirs["id"], "reason": "spam"}
        self.post("/v1/reports", {**report, "message": f"{MARKER} saw it"})
        offered = other.post("/v1/calendar/shares", {"email": ADDRESS, "level": "view"}, format="json")
        assert offered.status_code == 201, offered.content

    def mentor(self, other: SignedInClient) -> None:
        """Mentor somebody and be mentored by them: sessions declined, called off, over, and still to come."""
        me = User.objects.get(email=ADDRESS)
        tag = {"slug": MARKER.lower(), "label": MARKER, "weight": 1.0}
        said = {"bio": f"By {MARKER}", "motivation": MARKER, "expertise": [tag]}
        own = make_mentor(me, headline=f"{MARKER} knows", horizon_days=90, **said)
        theirs = Mentor.objects.get(id=other.principal.user_id)
        cache.clear()  # of what roles there were: a test never commits
        self.renew()
        closed_on = (timezone.now() + timedelta(days=80)).date().isoformat()  # after the last of the sessions
        self.post("/v1/mentors/me/exceptions", {"kind": "closed", "first_day": closed_on, "note": MARKER})
        monday = timezone.now() - timedelta(days=timezone.now().weekday())
        steps = [(14, "approve", ""), (49, "decline", MARKER), (56, "cancel", f"{MARKER} is ill"), (63, "approve", "")]
        for days, step, reason in steps:
            day = monday + timedelta(days=days)
            taught = self._book(other, own, day.replace(hour=9), "Prices")
            learnt = self._book(self.api, theirs, day.replace(hour=12), f"{MARKER}'s prices")
            self.post(f"{taught}/{step}", {"reason": reason})
            if step == "cancel":
                self.post(f"{learnt}/{step}", {"reason": reason})
            else:
                assert other.post(f"{learnt}/{step}", {"reason": "No time"}, format="json").status_code == 200

    def _book(self, client: Any, mentor: Mentor, when: datetime, topic: str) -> str:
        starts_at = when.replace(minute=0, second=0, microsecond=0)
        body = {"starts_at": starts_at.isoformat(), "duration_minutes": 60, "topic": topic}
        answer = client.post(f"/v1/mentors/{mentor.id}/sessions", body, format="json")
        assert answer.status_code == 201, answer.content
        return f"/v1/mentors/{mentor.id}/sessions/{answer.json()['id']}"

    def mind_privacy(self) -> None:
        self.api.get("/v1/privacy", HTTP_SEC_GPC="1")
        self.post("/v1/privacy/requests", {"kind": "correct", "message": f"My name is {MARKER}"})
        self.post("/v1/privacy/opt-out", {"email": ADDRESS})
        self.post("/v1/privacy/deletion-requests", {"email": ADDRESS})
        self.post("/v1/privacy/exports")
        assert exports.make_due() == 1
        for device in self.api.get("/v1/devices").json()["data"]:
            self.api.patch(f"/v1/devices/{device['id']}", {"name": f"{MARKER} renamed"}, format="json")

    def leave(self) -> None:
        assert self.api.delete("/v1/auth/me").status_code == 202

    def _carry(self, answer: Any) -> None:
        self.refresh_token = answer["refresh_token"]
        self.api.credentials(
            HTTP_AUTHORIZATION=f"Bearer {answer['access_token']}",
            HTTP_X_DEVICE_FINGERPRINT=DEVICE["fingerprint"],
            REMOTE_ADDR=PLACE,
            HTTP_USER_AGENT=AGENT,
        )


def test_erasure__of_somebody_who_wrote_everywhere__leaves_no_word(
    logged: list[str], sign_in: SignIn, make_user: MakeUser
) -> None:
    append_only.protect()
    person = Person()
    person.join()
    person.be_mistaken()
    person.plan()
    other = sign_in(make_mentor(make_user(email_verified_at=timezone.now()), horizon_days=90).user)
    person.trade(other)
    person.mentor(other)
    person.mind_privacy()
    events.dispatch()
    before = columns_with_words()
    assert {
        "accounts_user.email", "accounts_user.phone", "accounts_device.name", "accounts_devicesession.user_agent",
        "accounts_devicesession.ip_address", "access_auditentry.ip", "access_auditentry.user_agent",
        "access_auditentry.details", "calendar_app_event.title", "calendar_app_event.metadata",
        "calendar_app_event.cancellation_reason", "calendar_app_event.uid", "core_idempotency_record.key",
        "events_outbox.payload", "privacy_privacyrequest.message", "explorer_listing.title", "explorer_term.word",
        "explorer_application.message", "safety_report.message", "calendar_app_calendarshare.email",
        "mentors_mentor.bio", "mentors_mentor.expertise", "mentors_mentorsession.topic", "mentors_mentorsession.reason",
        "mentors_availabilityexception.note", "notifications_notification.message",
    } <= before  # fmt: skip
    chain.seal()
    let_pass(timedelta(days=28))  # some sessions take place

    person.leave()
    after_grace()
    let_pass(timedelta(days=30))

    # Refusals of callers who were not known keep their origin for a while: they name nobody.
    assert columns_with_words() == {"access_auditentry.ip", "access_auditentry.user_agent"}
    named = AuditEntry.objects.exclude(user_id=None, target_type="")
    named = named.exclude(user_id=other.principal.user_id, ip="127.0.0.1")  # the other's own, from elsewhere
    assert not named.exclude(ip="", user_agent="").exclude(action="erasure.redacted").exists()
    let_pass(since_erasure := KEEP_ORIGIN + timedelta(days=31))
    assert columns_with_words() == set()
    assert files_with_words() == []
    assert [line for line in logged if has_word(line)] == []
    assert logged
    with time_machine.travel(timezone.now() + since_erasure):
        assert list(chain.verify()) == []
    [stub] = User.objects.filter(email__endswith="@erased.invalid")
    assert not stub.is_active
