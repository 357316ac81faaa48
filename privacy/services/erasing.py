"""Erasing people: step after step, each a row, so that whatever is killed goes on where it stopped.

Every step is safe to run again. Others are told first, while there is still something to tell them with; then the
collections go, from the top floor down, and the account itself among the last; and what was written meanwhile goes,
too. Nothing is ever given up but a word to somebody outside, which the receipt then leaves to the person.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
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
from privacy.services import requests
from privacy.services.holding import hold
from privacy.types import ErasureStatus, RequestKind, RequestStatus, StepKind, StepStatus

LEASE = timedelta(minutes=5)
WAIT = timedelta(seconds=30)  # for work in progress
SETTLED = timedelta(minutes=1)  # after the account was closed: no request that began before goes on for so long
ROUNDS = 5  # of looking again, at once
FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(hours=6)
MAX_REVOCATIONS = 8  # tries, over about a day

_log = logging.getLogger(__name__)


class _Superseded(Exception):
    """The lease ran out, and somebody else has taken over."""


def erase_due(*, seconds: float = 60.0) -> int:
    """Erase whoever is due, for about `seconds`; returns how many were worked on."""
    worked_on, deadline = 0, monotonic() + seconds
    while erasure := _claim():
        with context.scope(context.Context()), suppress(_Superseded):
            _go_on(erasure)
        worked_on += 1
        if monotonic() > deadline:
            enqueue("privacy.erase")
            break
    return worked_on


def _due() -> QuerySet[Erasure]:
    now = timezone.now()
    may_begin = Q(due_at=None) | Q(due_at__lte=now)
    scheduled = Q(status=ErasureStatus.SCHEDULED, executes_at__lte=now) & may_begin
    return Erasure.objects.filter(scheduled | Q(status=ErasureStatus.RUNNING, due_at__lte=now))


def _claim() -> Erasure | None:
    """Lease the erasure that has waited longest."""
    while (found := _due().order_by("executes_at").first()) is not None:
        with transaction.atomic():
            erasure = _take_up(found) if found.status == ErasureStatus.SCHEDULED else _hold_due(found)
            if erasure is not None:
                return save_changes(erasure, due_at=timezone.now() + LEASE, claims=erasure.claims + 1)
    return None


def _hold_due(found: Erasure) -> Erasure | None:
    """A due erasure, locked; None if somebody else was quicker."""
    return _due().select_for_update(no_key=True).filter(id=found.id).first()


def _take_up(found: Erasure) -> Erasure | None:
    """Begin an erasure, or put it off: of the last two who can give roles both may have asked for theirs."""
    may_leave = _may_leave(found.user_id)
    hold(found.user_id)
    erasure = _hold_due(found)
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
    save_changes(erasure, due_at=timezone.now() + LAST_RETRY)
    about: dict[str, Any] = {"target_type": "user", "target_id": erasure.user_id, "reason": LastAdmin.code}
    record(action="erasure.put_off", outcome="failure", **about)
    _log.error("Erasure %s waits: nobody else could give roles. Appoint another admin.", erasure.id)


def _begin(erasure: Erasure) -> None:
    """Close the account and write down what is to be done."""
    try:
        contact = seal_contact(closing.close(user_id=erasure.user_id))
    except NotFound:  # somebody deleted the row by hand; what else there is of them still goes
        contact = b""
    save_changes(erasure, status=ErasureStatus.RUNNING, started_at=timezone.now(), contact=contact)
    names = [(StepKind.REVOCATION, each.name) for each in revocations()]
    going = [each for each in shredder.in_order(declarations()) if not isinstance(each.erase, Goes)]
    names += [(StepKind.COLLECTION, each.collection) for each in going]
    ErasureStep.objects.bulk_create(
        ErasureStep(erasure=erasure, position=position, kind=kind, name=name)
        for position, (kind, name) in enumerate(names, start=1)
    )
    record(action="erasure.started", outcome="success", target_type="user", target_id=erasure.user_id)


def _go_on(erasure: Erasure) -> None:
    """Do what is left to do, then look again; stop where something has to wait."""
    pause = _do(erasure, erasure.steps.filter(status=StepStatus.PENDING).order_by("position"))
    if pause is None:
        pause = _look_again(erasure)
    if pause is None:
        _finish(erasure)
    else:
        _beat(erasure, pause)


def _do(erasure: Erasure, steps: Iterable[ErasureStep]) -> timedelta | None:
    """Do steps one after the other; how long to wait, if one could not be done."""
    for step in steps:
        _beat(erasure)
        if (pause := _take(erasure, step)) is not None:
            return pause
    return None


def _look_again(erasure: Erasure) -> timedelta | None:
    """Erase what came late, by events and requests under way when its step was done; how long to wait, if need be.

    Each round does all collections again, until one finds nothing. What the rounds themselves leave a trace in, such as
    the change feed where a row is overwritten each time, need only have as much as in the round before.
    """
    settled_in = (erasure.started_at or timezone.now()) + SETTLED - timezone.now()
    if settled_in > timedelta(0):
        return settled_in
    again = {each.collection for each in declarations() if not isinstance(each.erase, Retain)}
    steps = list(erasure.steps.filter(kind=StepKind.COLLECTION, name__in=again).order_by("position"))
    traces = None
    for _ in range(ROUNDS):
        before, last = _counted(erasure), traces
        if (pause := _do(erasure, steps)) is not None:
            return pause
        deleted, traces = (now - then for now, then in zip(_counted(erasure), before, strict=True))
        if not deleted and traces in {0, last}:
            return None
    _log.warning("Erasure %s still finds new rows", erasure.id)
    return WAIT


def _counted(erasure: Erasure) -> tuple[int, int]:
    """How many rows were dealt with so far: of collections that are just deleted, and of all others."""
    just_deleted = {each.collection for each in declarations() if isinstance(each.erase, Delete)}
    rows = dict(erasure.steps.filter(kind=StepKind.COLLECTION).values_list("name", "rows"))
    deleted = sum(count for name, count in rows.items() if name in just_deleted)
    return deleted, sum(rows.values()) - deleted


def _beat(erasure: Erasure, pause: timedelta = LEASE) -> None:
    """Keep the lease, or say when to go on.

    Raises:
        _Superseded: it is somebody else's.
    """
    ours = Erasure.objects.filter(id=erasure.id, claims=erasure.claims, status=ErasureStatus.RUNNING)
    if not ours.update(due_at=timezone.now() + pause):
        raise _Superseded


def _take(erasure: Erasure, step: ErasureStep) -> timedelta | None:
    """Do one step; how long to wait before trying again, if it could not be done."""
    try:
        if step.kind == StepKind.REVOCATION:
            _settle(erasure, step, _revoke(erasure.user_id, step.name))
        else:
            _shred(erasure, step)
    except _Superseded:
        raise
    except NotYet as reason:
        _note(erasure, step, status=StepStatus.PENDING, error=str(reason)[:200])
        return WAIT
    except Exception as error:
        _log.exception("Step %s of an erasure failed", step.name)
        return _put_off(erasure, step, error)
    return None


def _shred(erasure: Erasure, step: ErasureStep) -> None:
    personal = _declared(step.name)

    def note(rows: int) -> None:
        with transaction.atomic():
            _beat(erasure)
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
    pause: timedelta = min(FIRST_RETRY * 2 ** (attempts - 1), LAST_RETRY)
    return pause


def _note(erasure: Erasure, step: ErasureStep, *, status: StepStatus = StepStatus.DONE, **changes: object) -> None:
    finished_at = None if status == StepStatus.PENDING else timezone.now()
    with transaction.atomic():
        _beat(erasure)
        ErasureStep.objects.filter(pk=step.pk).update(status=status, finished_at=finished_at, **changes)


def _declared(name: str) -> Personal:
    return next(each for each in declarations() if each.collection == name)


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
        requests.close_open(user_id=user_id, kind=RequestKind.DELETE)
        requests.close_open(user_id=user_id, status=RequestStatus.WITHDRAWN)  # nobody is left to answer
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
