"""Erasing people: step after step, each a row, so that whatever is killed goes on where it stopped.

Every step is safe to run again. Others are told first, while there is still something to tell them with; then the
collections go, from the top floor down, and the account itself among the last; then what was written meanwhile; and in
the end that through which all this was found. Nothing is ever given up but a word to somebody outside, which the
receipt then leaves to the person. Not here: how workers share the rows (`leasing.py`).
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from access.errors import LastAdmin
from access.services import check_may_leave, record
from accounts.services import closing
from core import context
from core.contributions.privacy import Delete, Goes, NotYet, Personal, Retain, Revoked, revocations
from core.db.changes import lock, save_changes
from core.errors import NotFound
from core.jobs import enqueue
from events.services import publish
from privacy import journal, shredder
from privacy.digests import person_digest, seal_contact
from privacy.events import AccountErased, FreelancerOffboarded
from privacy.inventory import declarations, outcome
from privacy.models import Erasure, ErasureStep, Tombstone
from privacy.services import leasing, requests
from privacy.services.holding import hold
from privacy.types import ErasureStatus, RequestKind, StepKind, StepStatus

WAIT = timedelta(seconds=30)  # for work in progress, at first
SETTLED = timedelta(minutes=1)  # after the account was closed: no request that began before goes on for so long
LATE = timedelta(days=1)  # after the account was closed: what others still write of the person is new
ROUNDS = 5  # of looking again, at once
FIRST_RETRY = timedelta(minutes=1)
MAX_REVOCATIONS = 8  # tries, over about a day

_log = logging.getLogger(__name__)


def erase_due(*, seconds: float = 60.0) -> int:
    """Erase whoever is due, for about `seconds`; returns how many were worked on."""
    worked_on, deadline = 0, monotonic() + seconds
    while found := leasing.next_due():
        with context.scope(context.Context()):
            worked_on += _work_on(found)
        if monotonic() > deadline:
            enqueue("privacy.erase")
            break
    return worked_on


def _work_on(found: Erasure) -> bool:
    """Begin an erasure or go on with it, unless somebody else was quicker. One that cannot go on stops no other."""
    erasure = None
    try:
        erasure = _claim(found)
        if erasure is not None:
            _go_on(erasure)
    except leasing.Superseded:
        _log.warning("Erasure %s was taken over: something took longer than its lease", found.id)
    except Exception:
        _log.exception("Erasure %s cannot go on", found.id)
        leasing.put_off(found.id)
    return erasure is not None


def _claim(found: Erasure) -> Erasure | None:
    with transaction.atomic():
        is_new = found.status == ErasureStatus.SCHEDULED
        erasure = _take_up(found) if is_new else leasing.hold_due(found.id)
        return None if erasure is None else leasing.lease(erasure)


def _take_up(found: Erasure) -> Erasure | None:
    """Begin an erasure, or put it off: of the last two who can give roles both may have asked for theirs."""
    may_leave = _may_leave(found.user_id)
    hold(found.user_id)
    erasure = leasing.hold_due(found.id)
    if erasure is None:
        return None
    if not may_leave:
        _put_off_beginning(erasure)
        return None
    _begin(erasure)
    return erasure


def _may_leave(user_id: UUID) -> bool:
    try:
        check_may_leave(user_id=user_id)
    except LastAdmin:
        return False
    return True


def _put_off_beginning(erasure: Erasure) -> None:
    """Wait for another admin; after a day the alert rings for erasures that are late."""
    leasing.put_off(erasure.id)
    about: dict[str, Any] = {"target_type": "user", "target_id": erasure.user_id, "reason": LastAdmin.code}
    record(action="erasure.put_off", outcome="failure", **about)
    _log.error("Erasure %s waits: nobody else could give roles. Appoint another admin.", erasure.id)


def _begin(erasure: Erasure) -> None:
    """Close the account."""
    try:
        contact = seal_contact(closing.close(user_id=erasure.user_id))
    except NotFound:  # somebody deleted the row by hand; what else there is of them still goes
        contact = b""
    save_changes(erasure, status=ErasureStatus.RUNNING, started_at=timezone.now(), contact=contact)
    record(action="erasure.started", outcome="success", target_type="user", target_id=erasure.user_id)


def _go_on(erasure: Erasure) -> None:
    """Do what is left to do, look again, then do what comes last; stop where something has to wait."""
    _write_down(erasure)
    for part in (_do_pending, _look_again, _do_last):
        if (pause := part(erasure)) is not None:
            leasing.beat(erasure, pause)
            return
    _finish(erasure)


def _write_down(erasure: Erasure) -> None:
    """Make rows of what is to be done; of what a new version of the platform declares meanwhile, too."""
    going = [each for each in shredder.in_order(declarations()) if not isinstance(each.erase, Goes)]
    wanted = [(StepKind.REVOCATION, each.name) for each in revocations()]
    wanted += [(StepKind.COLLECTION, each.collection) for each in going]
    known = set(erasure.steps.values_list("kind", "name"))
    new = [each for each in wanted if each not in known]
    ErasureStep.objects.bulk_create(
        (
            ErasureStep(erasure=erasure, position=position, kind=kind, name=name)
            for position, (kind, name) in enumerate(new, start=len(known) + 1)
        ),
        ignore_conflicts=True,  # with a worker that was overtaken here
    )


def _do_pending(erasure: Erasure) -> timedelta | None:
    pending = erasure.steps.filter(status=StepStatus.PENDING).exclude(pk__in=_last_of(erasure).values("pk"))
    return _do(erasure, pending.order_by("position"))


def _do_last(erasure: Erasure) -> timedelta | None:
    return _do(erasure, _last_of(erasure))


def _last_of(erasure: Erasure) -> QuerySet[ErasureStep]:
    return _steps_of(erasure, [each for each in declarations() if each.last])


def _steps_of(erasure: Erasure, chosen: Iterable[Personal]) -> QuerySet[ErasureStep]:
    names = [each.collection for each in chosen]
    return erasure.steps.filter(kind=StepKind.COLLECTION, name__in=names).order_by("position")


def _do(erasure: Erasure, steps: Iterable[ErasureStep]) -> timedelta | None:
    """Do steps one after the other; how long to wait, if one could not be done."""
    for step in steps:
        leasing.beat(erasure, _lease_of(step))
        try:
            pause = _take(erasure, step)
        except leasing.Superseded:
            ErasureStep.objects.filter(pk=step.pk).update(attempts=F("attempts") + 1)
            raise
        if pause is not None:
            return pause
    return None


def _look_again(erasure: Erasure) -> timedelta | None:
    """Erase what came late, by events and requests under way when its step was done; how long to wait, if need be.

    Each round does all collections again, until one finds nothing. What the rounds themselves leave a trace in, such as
    the change feed where a row is overwritten each time, need only have as much as in the round before.
    """
    age = _age(erasure)
    if age < SETTLED:
        return SETTLED - age
    again = [each for each in declarations() if not isinstance(each.erase, Retain) and not each.last]
    steps = list(_steps_of(erasure, again))
    traces = None
    for _ in range(ROUNDS):
        before, last = _counted(erasure), traces
        if (pause := _do(erasure, steps)) is not None:
            return pause
        deleted, traces = (now - then for now, then in zip(_counted(erasure), before, strict=True))
        if not deleted and (traces in {0, last} or age > LATE):
            return None
    _log.warning("Erasure %s still finds new rows", erasure.id)
    return _wait(erasure)


def _counted(erasure: Erasure) -> tuple[int, int]:
    """How many rows were dealt with so far: of collections that are just deleted, and of all others."""
    just_deleted = {each.collection for each in declarations() if isinstance(each.erase, Delete)}
    rows = dict(erasure.steps.filter(kind=StepKind.COLLECTION).values_list("name", "rows"))
    deleted = sum(count for name, count in rows.items() if name in just_deleted)
    return deleted, sum(rows.values()) - deleted


def _age(erasure: Erasure) -> timedelta:
    """How long ago the account was closed."""
    now = timezone.now()
    return now - (erasure.started_at or now)


def _wait(erasure: Erasure) -> timedelta:
    """How long to wait for work in progress: what has not ended for long will not end at once."""
    return min(max(WAIT, _age(erasure) / 10), leasing.LAST_RETRY)


def _lease_of(step: ErasureStep) -> timedelta:
    """Doubled each time that the step was not done within it, so that every step ends."""
    return leasing.doubled(leasing.LEASE, step.attempts)


def _take(erasure: Erasure, step: ErasureStep) -> timedelta | None:
    """Do one step; how long to wait before trying again, if it could not be done."""
    try:
        if step.kind == StepKind.REVOCATION:
            _settle(erasure, step, _revoke(erasure.user_id, step.name))
        else:
            _shred(erasure, step)
    except leasing.Superseded:
        raise
    except NotYet as reason:
        _note(erasure, step, status=StepStatus.PENDING, error=str(reason)[:200])
        return _wait(erasure)
    except Exception as error:
        _log.exception("Step %s of an erasure failed", step.name)
        return _put_off(erasure, step, error)
    return None


def _shred(erasure: Erasure, step: ErasureStep) -> None:
    personal = {each.collection: each for each in declarations()}.get(step.name)
    if personal is None:  # renamed or dropped since; what is declared instead has a step of its own
        _note(erasure, step)
        return

    def note(rows: int) -> None:
        with transaction.atomic():
            leasing.beat(erasure, _lease_of(step))
            counted = Greatest(F("rows"), Value(rows)) if shredder.stays(personal.erase) else F("rows") + rows
            ErasureStep.objects.filter(pk=step.pk).update(rows=counted)

    shredder.shred(personal, erasure.user_id, note)
    _note(erasure, step)


def _revoke(user_id: UUID, name: str) -> Revoked:
    known = {each.name: each for each in revocations()}
    return known[name].run(user_id) if name in known else Revoked("nothing", "No such provider any more.")


def _settle(erasure: Erasure, step: ErasureStep, answer: Revoked) -> None:
    status = StepStatus.FAILED if answer.outcome == "failed" else StepStatus.DONE
    evidence = {"outcome": answer.outcome, "detail": answer.detail, "by_hand": answer.by_hand}
    _note(erasure, step, status=status, evidence=evidence)


def _put_off(erasure: Erasure, step: ErasureStep, error: Exception) -> timedelta | None:
    attempts = step.attempts + 1
    by_hand = {each.name: each.by_hand for each in revocations()}.get(step.name, "")
    if step.kind == StepKind.REVOCATION and attempts >= MAX_REVOCATIONS:
        evidence = {"outcome": "failed", "detail": type(error).__name__, "by_hand": by_hand}
        _note(erasure, step, status=StepStatus.FAILED, attempts=attempts, evidence=evidence)
        return None
    # The kind of error alone: its text may quote what is being erased.
    _note(erasure, step, status=StepStatus.PENDING, attempts=attempts, error=type(error).__name__)
    return leasing.doubled(FIRST_RETRY, attempts - 1)


def _note(
    erasure: Erasure, step: ErasureStep, *, status: StepStatus = StepStatus.DONE, error: str = "", **changes: object
) -> None:
    finished_at = None if status == StepStatus.PENDING else timezone.now()
    with transaction.atomic():
        leasing.beat(erasure)
        ErasureStep.objects.filter(pk=step.pk).update(status=status, error=error, finished_at=finished_at, **changes)


def _finish(erasure: Erasure) -> None:
    """Leave a tombstone and a receipt, and tell everybody. Of two workers the second finds it done."""
    user_id = erasure.user_id
    journal.note(person_digest(user_id))  # outlives this database; before the row, so that none is without
    with transaction.atomic():
        locked = lock(Erasure.objects.all(), id=erasure.id)
        if locked.status != ErasureStatus.RUNNING:
            return
        Tombstone.objects.get_or_create(digest=person_digest(user_id))
        save_changes(
            locked, status=ErasureStatus.DONE, finished_at=timezone.now(), due_at=None, receipt=_receipt(locked)
        )
        requests.close_all(user_id=user_id, carried_out=RequestKind.DELETE)
        record(action="erasure.completed", outcome="success", target_type="user", target_id=user_id)
        publish(AccountErased(aggregate_id=user_id))
        publish(FreelancerOffboarded(aggregate_id=user_id))


def _receipt(erasure: Erasure) -> dict[str, object]:
    """What was deleted, what was kept and why, and what is left to the person."""
    steps = list(erasure.steps.order_by("position"))
    rows = {step.name: step.rows for step in steps if step.kind == StepKind.COLLECTION}
    told = [step for step in steps if step.kind == StepKind.REVOCATION]
    return {
        "collections": [
            {"name": each.collection, "rows": rows[each.collection], "outcome": outcome(each.erase)}
            for each in declarations()
            if each.collection in rows
        ],
        "told": [{"name": step.name, **step.evidence} for step in told],
    }
