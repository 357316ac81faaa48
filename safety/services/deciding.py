"""What staff do about reports. Who may remove a subject is asked here, and not by the screen that offers it."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from access.selectors import grants_of
from access.services import record
from access.types import EVERY_STAFF_SCOPE
from core.contributions.safety import Reportable, find_reportable
from core.db.changes import lock, save_changes
from core.db.instances import fetch_instances
from core.errors import Invalid
from events.services import publish
from safety.errors import InvalidReportState, NothingToRemove, NotYours, OwnReport
from safety.events import ReportDecided, SubjectRemoved
from safety.models import Report
from safety.types import WAITING, ReportStatus


@transaction.atomic
def take_report(*, actor_id: UUID, report_id: UUID) -> Report:
    """Take a report into review. Whoever takes it last has it.

    Raises:
        NotFound: there is no such report.
        OwnReport: the actor filed it, or it is about them.
        InvalidReportState: it has been decided.
    """
    report = _lock_waiting(report_id, actor_id)
    save_changes(report, status=ReportStatus.IN_REVIEW.value, reviewer_id=actor_id)
    _record("report.taken", report, actor_id)
    return report


@transaction.atomic
def dismiss_report(*, actor_id: UUID, report_id: UUID, reason: str) -> Report:
    """Leave what was reported as it is, and tell the reporter why.

    Raises:
        NotFound, OwnReport, InvalidReportState: as in `take_report`.
        Invalid: there is no reason.
    """
    _check_reason(reason)
    report = _lock_waiting(report_id, actor_id)
    _decide(report, ReportStatus.DISMISSED, actor_id, reason)
    return report


@transaction.atomic
def close_report(*, report_id: UUID, reason: str) -> None:
    """Dismiss what nobody has to decide any more, and tell the reporter why. What was decided stays so."""
    report: Report = lock(Report.objects.all(), id=report_id)
    if report.status in WAITING:
        _decide(report, ReportStatus.DISMISSED, None, reason)


@transaction.atomic
def act_on_report(*, actor_id: UUID, report_id: UUID, reason: str) -> list[Report]:
    """Remove what was reported; with that, everything is decided that people reported about it.

    Raises:
        NotFound, OwnReport, InvalidReportState: as in `take_report`.
        Invalid: there is no reason.
        NothingToRemove: subjects of this type cannot be removed.
        NotYours: the actor lacks the scope for it.
    """
    _check_reason(reason)
    report = _lock_waiting(report_id, actor_id)
    kind = find_reportable(report.subject_type)
    if kind is None or kind.remove is None:
        raise NothingToRemove
    _check_scope(actor_id, kind)
    kind.remove(actor_id, report.subject_id, reason)
    same = Report.objects.waiting().filter(subject_type=report.subject_type, subject_id=report.subject_id)
    decided = fetch_instances(same.order_by("id").select_for_update(no_key=True))
    for each in decided:
        _decide(each, ReportStatus.ACTIONED, actor_id, reason)
    publish(
        SubjectRemoved(
            aggregate_id=report.subject_id,
            owner_id=report.subject_owner_id,
            subject_type=report.subject_type,
            reason=reason,
        ),
        actor_id=actor_id,
    )
    return decided


def _lock_waiting(report_id: UUID, actor_id: UUID) -> Report:
    report: Report = lock(Report.objects.all(), id=report_id)
    if actor_id in {report.reporter_id, report.subject_owner_id}:
        raise OwnReport
    if report.status not in WAITING:
        raise InvalidReportState
    return report


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid.field("reason", "Say why: it is recorded, and people are told.", "required")


def _check_scope(actor_id: UUID, kind: Reportable) -> None:
    held = grants_of(actor_id)
    if not (held.is_superuser or {EVERY_STAFF_SCOPE, kind.scope} & held.scopes):
        raise NotYours


def _decide(report: Report, status: ReportStatus, actor_id: UUID | None, reason: str) -> None:
    save_changes(
        report, status=status.value, reviewer_id=actor_id, decision=reason.strip()[:200], decided_at=timezone.now()
    )
    _record(f"report.{status}", report, actor_id, reason)
    publish(
        ReportDecided(
            aggregate_id=report.id,
            reporter_id=report.reporter_id,
            subject_type=report.subject_type,
            subject_id=report.subject_id,
            status=status.value,
        ),
        actor_id=actor_id,
    )


def _record(action: str, report: Report, actor_id: UUID | None, reason: str = "") -> None:
    record(
        action=action,
        outcome="success",
        user_id=actor_id,
        target_type=report.subject_type,
        target_id=report.subject_id,
        reason=reason,
        report=str(report.id),
    )
