"""Persons leave the audit trail, and it is still proven whole; blanking without a reason is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import DatabaseError, transaction

from access import append_only, chain, redaction
from access.chain import Finding
from access.commitments import blanked
from access.models import AuditEntry
from access.services import record
from core import context
from core.context import Channel
from core.db.ids import uuid7
from tests.access.trail import unprotect

pytestmark = pytest.mark.django_db

SELF = "self"
PHONE = context.Context(client_ip="198.51.100.77", user_agent="Gigvora/1.0 (Mira's phone)")


@pytest.fixture(autouse=True)
def _protected(db: None) -> None:
    append_only.protect()


def write(user_id: UUID | None, *, channel: Channel = Channel.IOS, **given: object) -> AuditEntry:
    with context.scope(replace(PHONE, channel=channel)):
        record(action="login.success", outcome="success", user_id=user_id, **given)  # type: ignore[arg-type]
    return AuditEntry.objects.latest("id")


def again(entry: AuditEntry) -> AuditEntry:
    return AuditEntry.objects.get(id=entry.id)


def shown(entry: AuditEntry) -> tuple[str, str, str, object]:
    found = again(entry)
    return found.ip, found.user_agent, found.reason, found.details


def test_redact__sealed_trail__loses_the_person_and_stays_whole() -> None:
    mira, other = uuid7(), uuid7()
    own = write(mira, reason="said Mira", note="Mira wrote this")
    by_staff = write(other, target_type="user", target_id=mira, reason="Mira was rude")
    failed = write(None, target_type="user", target_id=mira)
    foreign = write(other, reason="somebody else")
    chain.seal()

    assert redaction.redact(mira) == 3
    assert redaction.redact(mira) == 0
    assert AuditEntry.objects.filter(action=redaction.REDACTED).count() == 1

    assert shown(own) == ("", "", "", {})
    assert shown(by_staff) == (PHONE.client_ip, PHONE.user_agent, "", {})
    assert shown(failed) == ("", "", "", {})
    assert shown(foreign) == (PHONE.client_ip, PHONE.user_agent, "somebody else", {})
    assert again(own).user_id == mira
    chain.seal()
    assert list(chain.verify()) == []


@pytest.mark.parametrize("channel", [Channel.ADMIN, Channel.SYSTEM])
@pytest.mark.parametrize("target", ["ledger_account", "role", "listing", "mentor_session", "user"])
def test_redact__staff_who_acted_at_work__leaves_what_they_did_and_why(channel: Channel, target: str) -> None:
    staff = uuid7()
    done = write(staff, channel=channel, target_type=target, target_id=uuid7(), reason="goodwill", amount=1_000_000)
    chain.seal()

    redaction.redact(staff)

    assert shown(done) == ("", "", "goodwill", {"amount": 1_000_000})
    assert again(done).user_id == staff
    chain.seal()
    assert list(chain.verify()) == []


@pytest.mark.parametrize(
    ("channel", "target"),
    [
        *((Channel.ADMIN, own) for own in ("", "device", "passkey", "session", "export", SELF)),
        *((app, "mentor_session") for app in (Channel.WEB, Channel.IOS, Channel.ANDROID)),
    ],
)
def test_redact__what_somebody_did_in_private_life__loses_its_facts(channel: Channel, target: str) -> None:
    mira = uuid7()
    upon = {"target_type": "user", "target_id": mira} if target == SELF else {"target_type": target, "target_id": "1"}
    done = write(mira, channel=channel, reason="Mira is ill", **upon)
    chain.seal()

    redaction.redact(mira)

    assert shown(done) == ("", "", "", {})
    chain.seal()
    assert list(chain.verify()) == []


def test_redact__those_whom_staff_acted_upon__lose_the_facts() -> None:
    staff, mira = uuid7(), uuid7()
    done = write(staff, channel=Channel.ADMIN, target_type="user", target_id=mira, reason="Mira was rude")

    redaction.redact(staff)
    assert shown(done) == ("", "", "Mira was rude", {})
    redaction.redact(mira)
    assert shown(done) == ("", "", "", {})


def test_redact__staff_have_left__does_not_excuse_blanking_what_they_did() -> None:
    staff = uuid7()
    done = write(staff, channel=Channel.ADMIN, target_type="ledger_account", target_id="1", reason="to my friend")
    redaction.redact(staff)
    chain.seal()

    AuditEntry.objects.filter(id=done.id).update(**blanked("facts"))

    assert list(chain.verify()) == [Finding("changed or moved entry", f"1 {done.id}")]


def test_redact__blanked_without_an_erasure__is_found() -> None:
    entry = write(uuid7(), reason="what I want to hide")
    chain.seal()

    AuditEntry.objects.filter(id=entry.id).update(**blanked("facts"))

    assert list(chain.verify()) == [Finding("changed or moved entry", f"1 {entry.id}")]


def test_redact__parts_swapped_for_others__are_found() -> None:
    """A new salt cannot make a new story fit: the digest was sealed."""
    entry = write(uuid7(), reason="the truth")
    chain.seal()
    unprotect()

    AuditEntry.objects.filter(id=entry.id).update(reason="a lie", facts_salt=b"x" * 16)

    assert list(chain.verify()) == [Finding("changed or moved entry", f"1 {entry.id}")]


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "a lie"},
        {"facts_salt": b""},
        {"facts_salt": b"", "reason": "", "details": {"still": "here"}},
        {**blanked("facts"), "action": "logout"},
        {**blanked("origin"), "user_agent": "another"},
        {**blanked("facts"), "facts_digest": b""},
    ],
    ids=str,
)
def test_trail__changes_other_than_blanking__are_refused_by_the_database(change: dict[str, object]) -> None:
    entry = write(uuid7(), reason="the truth")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(id=entry.id).update(**change)

    assert again(entry).reason == "the truth"


def test_coarsened__after_ninety_days__keeps_the_network_and_the_proof() -> None:
    with time_machine.travel(datetime(2026, 1, 5, tzinfo=UTC)):
        old = write(uuid7(), reason="long ago")
    chain.seal()

    changed = redaction.coarsened(again(old))
    AuditEntry.objects.filter(id=old.id).update(**changed)

    assert shown(old) == ("198.51.100.0", "", "long ago", {})
    assert redaction.coarsened(again(old)) == {}
    assert list(chain.verify()) == []


def test_coarsened__too_early__is_found() -> None:
    young = write(uuid7())
    chain.seal()

    AuditEntry.objects.filter(id=young.id).update(**redaction.coarsened(again(young)))

    assert list(chain.verify()) == [Finding("changed or moved entry", f"1 {young.id}")]


def test_between__a_span_of_time__finds_entries_by_their_ids() -> None:
    entry = write(uuid7())
    minute = timedelta(minutes=1)

    found = AuditEntry.objects.filter(redaction.between(entry.recorded_at - minute, entry.recorded_at + minute))

    assert list(found) == [entry]
