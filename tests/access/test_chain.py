"""The hash chain: what is sealed, and that nothing can be tampered with unseen."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access import chain
from access.chain import Finding, Head
from access.commitments import commit
from access.models import AuditEntry, AuditSeal
from access.redaction import first_id
from access.services import record
from access.tasks import seal_audit
from core.db.ids import uuid7
from tests.access.trail import unprotect

SIZE = 8
needs_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


def write(count: int = SIZE) -> None:
    for number in range(count):
        record(action="login.success", outcome="success", user_id=uuid7(), reason=f"entry {number}", number=number)


def findings(*heads: Head) -> list[Finding]:
    return list(chain.verify(heads))


@pytest.mark.django_db
def test_seal__new_entries__hang_in_one_chain_without_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "BATCH", 3)
    write()

    assert (chain.seal(), chain.seal()) == (SIZE, 0)

    assert list(AuditSeal.objects.values_list("position", flat=True).order_by("position")) == list(range(1, SIZE + 1))
    assert findings() == []
    write(2)
    assert chain.seal() == 2
    assert findings(*[Head(seal.position, bytes(seal.digest)) for seal in AuditSeal.objects.all()]) == []


@pytest.mark.django_db
def test_seal__killed_within_a_batch__leaves_whole_batches_and_the_next_run_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chain, "BATCH", 3)
    write()
    link, calls = chain.link, iter(range(SIZE))

    def link_until_killed(previous: bytes, entry: AuditEntry) -> bytes:
        if next(calls) == 4:
            raise SystemExit
        return link(previous, entry)

    monkeypatch.setattr(chain, "link", link_until_killed)
    with pytest.raises(SystemExit):
        chain.seal()
    assert AuditSeal.objects.count() == 3

    monkeypatch.setattr(chain, "link", link)
    assert chain.seal() == SIZE - 3
    assert findings() == []


@pytest.mark.django_db
def test_seal__after_a_pause_longer_than_the_window__misses_nothing() -> None:
    write(1)
    chain.seal()
    unprotect()
    AuditSeal.objects.update(sealed_at=timezone.now() - timedelta(days=30))
    backdated("written while the job was off", timedelta(days=29))

    assert chain.seal() == 1
    assert findings() == []


def backdated(reason: str, age: timedelta) -> UUID:
    moment = timezone.now() - age
    entry_id = UUID(int=first_id(moment).int + uuid7().int % 2**62)
    entry = AuditEntry(
        id=entry_id, recorded_at=moment, action="login.success", category="authentication", outcome="success",
        channel="web", trace_id="0" * 32, reason=reason,
    )  # fmt: skip
    commit(entry).save(force_insert=True)
    return entry_id


# Each mutation tampers with a sealed trail of SIZE entries, at places chosen by two numbers.
def change_reason(one: int, other: int) -> None:
    AuditEntry.objects.filter(id=entry_at(one)).update(reason="somebody else did it")


def change_details(one: int, other: int) -> None:
    AuditEntry.objects.filter(id=entry_at(one)).update(details={"number": -1})


def change_time(one: int, other: int) -> None:
    AuditEntry.objects.filter(id=entry_at(one)).update(recorded_at=timezone.now() - timedelta(days=1))


def erase_person(one: int, other: int) -> None:
    AuditEntry.objects.filter(id=entry_at(one)).update(user_id=None)


def delete_entry(one: int, other: int) -> None:
    AuditEntry.objects.filter(id=entry_at(one)).delete()


def delete_entry_and_seal(one: int, other: int) -> None:
    delete_entry(one, other)
    AuditSeal.objects.filter(position=one).delete()


def close_the_gap(one: int, other: int) -> None:
    delete_entry_and_seal(one, other)
    for position in range(one + 1, SIZE + 1):
        AuditSeal.objects.filter(position=position).update(position=position - 1)


def insert_entry(one: int, other: int) -> None:
    backdated("never happened", timedelta(hours=2))


def swap_seals(one: int, other: int) -> None:
    first, second = AuditSeal.objects.get(position=one), AuditSeal.objects.get(position=other)
    AuditSeal.objects.filter(position=one).update(entry_id=uuid7())
    AuditSeal.objects.filter(position=other).update(entry_id=first.entry_id)
    AuditSeal.objects.filter(position=one).update(entry_id=second.entry_id)


def swap_whole_seals(one: int, other: int) -> None:
    AuditSeal.objects.filter(position=one).update(position=1_000)
    AuditSeal.objects.filter(position=other).update(position=one)
    AuditSeal.objects.filter(position=1_000).update(position=other)


def swap_contents(one: int, other: int) -> None:
    first, second = AuditEntry.objects.get(id=entry_at(one)), AuditEntry.objects.get(id=entry_at(other))
    AuditEntry.objects.filter(id=first.id).update(user_id=second.user_id, reason=second.reason)
    AuditEntry.objects.filter(id=second.id).update(user_id=first.user_id, reason=first.reason)


def forge_digest(one: int, other: int) -> None:
    AuditSeal.objects.filter(position=one).update(digest=b"\0" * 32)


def cut_the_tail(one: int, other: int) -> None:
    cut = AuditSeal.objects.filter(position__gte=one)
    AuditEntry.objects.filter(id__in=list(cut.values_list("entry_id", flat=True))).delete()
    cut.delete()


def rewrite_the_chain(one: int, other: int) -> None:
    change_reason(one, other)
    AuditSeal.objects.all().delete()
    chain.seal()


def wipe_everything(one: int, other: int) -> None:
    AuditSeal.objects.all().delete()
    AuditEntry.objects.all().delete()


MUTATIONS = [
    change_reason, change_details, change_time, erase_person, delete_entry, delete_entry_and_seal, close_the_gap,
    insert_entry, swap_seals, swap_whole_seals, swap_contents, forge_digest, cut_the_tail, rewrite_the_chain,
    wipe_everything,
]  # fmt: skip
# Consistent with themselves, so found by an anchor that was logged before.
NEEDS_ANCHOR = {rewrite_the_chain, wipe_everything}


def entry_at(position: int) -> UUID:
    return AuditSeal.objects.get(position=position).entry_id


@pytest.mark.django_db
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.permutations(range(1, SIZE + 1)))
def test_verify__any_tampering_anywhere__is_found(mutation: Callable[[int, int], None], places: list[int]) -> None:
    with transaction.atomic():
        unprotect()
        write()
        chain.seal()
        anchor = chain.head()
        assert anchor is not None
        assert findings(anchor) == []

        mutation(places[0], places[1])

        assert findings(anchor) != []
        at_the_end = places[0] == SIZE and mutation in {delete_entry_and_seal, close_the_gap}
        if mutation not in NEEDS_ANCHOR | {cut_the_tail} and not at_the_end:
            assert findings() != []
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_verify__a_changed_entry__is_named_and_the_rest_still_checked() -> None:
    unprotect()
    write()
    chain.seal()
    changed, deleted = entry_at(3), entry_at(6)
    change_reason(3, 0)
    delete_entry(6, 0)

    assert findings() == [
        Finding("changed or moved entry", f"3 {changed}"),
        Finding("deleted entry", f"6 {deleted}"),
    ]


@pytest.mark.django_db
def test_verify_audit__whole_trail__says_so_and_tells_the_head(capsys: pytest.CaptureFixture[str]) -> None:
    write()
    seal_audit()

    call_command("verify_audit", head=[str(chain.head())])

    assert capsys.readouterr().out == f"The audit trail is whole. head={chain.head()}\n"


@pytest.mark.django_db
def test_verify_audit__cut_tail__fails_against_the_logged_head(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    write()
    with caplog.at_level("INFO", "access.tasks"):
        seal_audit()
    logged = caplog.messages[-1].removeprefix("audit.sealed head=")
    unprotect()
    cut_the_tail(5, 0)

    call_command("verify_audit")
    with pytest.raises(CommandError, match="1 findings"):
        call_command("verify_audit", head=[logged])

    assert "truncated chain: 8\n" in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.parametrize("head", ["", "8", "8:xyz", "eight:00"])
def test_verify_audit__no_head_at_all__is_a_clear_error(head: str) -> None:
    with pytest.raises(CommandError, match="is no head"):
        call_command("verify_audit", head=[head])


@pytest.mark.postgres
@needs_postgres
@pytest.mark.django_db(transaction=True)
def test_seal__several_runs_at_once__seal_everything_once() -> None:
    write(300)
    start = threading.Barrier(6)

    def run() -> None:
        try:
            start.wait()
            chain.seal()
        finally:
            connection.close()

    runs = [threading.Thread(target=run) for _ in range(6)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join()
    chain.seal()

    assert AuditSeal.objects.count() == 300
    assert findings() == []


@pytest.mark.postgres
@needs_postgres
@pytest.mark.django_db(transaction=True)
def test_seal__entry_that_commits_late__is_sealed_later_and_the_chain_holds() -> None:
    written, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        try:
            with transaction.atomic():
                record(action="login.success", outcome="success", reason="late")
                written.set()
                may_commit.wait(10)
        finally:
            connection.close()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    written.wait(10)
    record(action="login.success", outcome="success", reason="early")
    assert chain.seal() == 1
    may_commit.set()
    writer.join()

    assert chain.seal() == 1
    assert findings() == []
    order = AuditSeal.objects.order_by("position").values_list("entry_id", flat=True)
    assert [AuditEntry.objects.get(id=entry_id).reason for entry_id in order] == ["early", "late"]
    assert list(order) != sorted(order)
