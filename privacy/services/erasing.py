"""Erasing people: step after step, each a row, so that whatever is killed goes on where it stopped.

Every step is safe to run again. Others are told first, while there is still something to tell them with; then the
collections go, from the top floor down, and the account itself among the last. Nothing is ever given up but a word to
somebody outside, which the receipt then leaves to the person.
"""

import logging
from datetime import timedelta
from time import monotonic
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from access.services import record
from accounts.services import closing
from core import context
from core.contributions.privacy import Goes, NotYet, Personal, Revoked, revocations
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
from privacy.types import ErasureStatus, RequestKind, StepKind, StepStatus

LEASE = timedelta(minutes=5)
WAIT = timedelta(seconds=30)  # for work in progress
FIRST_RETRY, LAST_RETRY = timedelta(minutes=1), timedelta(hours=6)
MAX_REVOCATIONS = 8  # tries, over about a day

_log = logging.getLogger(__name__)


def erase_due(*, seconds: float = 60.0) -> int:
    """Erase whoever is due, for about `seconds`; returns how many were worked on."""
    worked_on, deadline = 0, monotonic() + seconds
    while erasure := _claim():
        with context.scope(context.Context()):
            _go_on(erasure)
        worked_on += 1
        if monotonic() > deadline:
            enqueue("privacy.erase")
            break
    return worked_on


def _claim() -> Erasure | None:
    now = timezone.now()
    due = Q(status=ErasureStatus.SCHEDULED, executes_at__lte=now) | Q(status=ErasureStatus.RUNNING, due_at__lte=now)
    with transaction.atomic():
        erasure = Erasure.objects.filter(due).select_for_update(skip_locked=True).order_by("executes_at").first()
        if erasure is None:
            return None
        if erasure.status == ErasureStatus.SCHEDULED:
            _begin(erasure)
        return save_changes(erasure, due_at=now + LEASE)


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
    for step in erasure.steps.filter(status=StepStatus.PENDING).order_by("position"):
        Erasure.objects.filter(id=erasure.id).update(due_at=timezone.now() + LEASE)
        if (pause := _take(erasure.user_id, step)) is not None:
            Erasure.objects.filter(id=erasure.id).update(due_at=timezone.now() + pause)
            return
    _finish(erasure)


def _take(user_id: UUID, step: ErasureStep) -> timedelta | None:
    """Do one step; how long to wait before trying again, if it could not be done."""
    try:
        if step.kind == StepKind.REVOCATION:
            _settle(step, _revoke(user_id, step.name))
        else:
            _note(step, rows=shredder.shred(_declared(step.name), user_id))
    except NotYet as reason:
        _note(step, status=StepStatus.PENDING, error=str(reason)[:200])
        return WAIT
    except Exception as error:
        _log.exception("Step %s of an erasure failed", step.name)
        return _put_off(step, error)
    return None


def _revoke(user_id: UUID, name: str) -> Revoked:
    known = {each.name: each for each in revocations()}
    return known[name].run(user_id) if name in known else Revoked("nothing", "No such provider any more.")


def _settle(step: ErasureStep, answer: Revoked) -> None:
    status = StepStatus.FAILED if answer.outcome == "failed" else StepStatus.DONE
    evidence = {"outcome": answer.outcome, "detail": answer.detail, "by_hand": answer.by_hand}
    _note(step, status=status, evidence=evidence)


def _put_off(step: ErasureStep, error: Exception) -> timedelta | None:
    attempts = step.attempts + 1
    by_hand = {each.name: each.by_hand for each in revocations()}.get(step.name, "")
    if step.kind == StepKind.REVOCATION and attempts >= MAX_REVOCATIONS:
        evidence = {"outcome": "failed", "detail": type(error).__name__, "by_hand": by_hand}
        _note(step, status=StepStatus.FAILED, attempts=attempts, evidence=evidence)
        return None
    # The kind of error alone: its text may quote what is being erased.
    _note(step, status=StepStatus.PENDING, attempts=attempts, error=type(error).__name__)
    pause: timedelta = min(FIRST_RETRY * 2 ** (attempts - 1), LAST_RETRY)
    return pause


def _note(step: ErasureStep, *, status: StepStatus = StepStatus.DONE, rows: int = 0, **changes: object) -> None:
    finished_at = None if status == StepStatus.PENDING else timezone.now()
    values = {"status": status, "rows": step.rows + rows, "finished_at": finished_at, **changes}
    ErasureStep.objects.filter(pk=step.pk).update(**values)


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
