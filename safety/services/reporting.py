"""Filing reports. One person has one report of one subject waiting, however often and at once they send it."""

from uuid import UUID

from django.db import transaction

from access.services import record
from access.types import Principal
from core.contributions.safety import Subject, find_reportable, reportable_types
from core.errors import Conflict, Invalid, NotFound
from events.services import publish
from safety.errors import OwnSubject
from safety.events import ReportFiled
from safety.models import Report
from safety.selectors import find_waiting_report
from safety.types import ReportReason


@transaction.atomic
def file_report(
    *, actor: Principal, subject_type: str, subject_id: UUID, reason: ReportReason, message: str = ""
) -> tuple[Report, bool]:
    """Report something that the actor sees, and say whether that is news: a report that waits already is answered.

    Raises:
        Invalid: there are no subjects of this type.
        NotFound: the actor may see no such subject.
        OwnSubject: it is theirs.
    """
    subject = _subject(actor, subject_type, subject_id)
    report = Report(
        reporter_id=actor.user_id,
        subject_type=subject_type,
        subject_id=subject_id,
        subject_owner_id=subject.owner_id,
        subject_title=subject.title[:200],
        reason=reason,
        message=message,
    )
    # Whoever loses the race for the constraint waits here for the winner, and then reads what they wrote.
    Report.objects.bulk_create([report], ignore_conflicts=True)
    waiting = find_waiting_report(actor.user_id, subject_type, subject_id)
    if waiting is None:
        raise Conflict("The report has been decided this very moment. Look at the decision first.")
    if waiting.id != report.id:
        return waiting, False
    _tell(waiting, actor)
    return waiting, True


def _subject(actor: Principal, subject_type: str, subject_id: UUID) -> Subject:
    kind = find_reportable(subject_type)
    if kind is None:
        known = ", ".join(reportable_types())
        raise Invalid.field("subject_type", f"Choose one of {known}.", "invalid_choice")
    subject = kind.find(actor, subject_id)
    if subject is None:
        raise NotFound
    if subject.owner_id == actor.user_id:
        raise OwnSubject
    return subject


def _tell(report: Report, actor: Principal) -> None:
    record(
        action="report.filed",
        outcome="success",
        principal=actor,
        target_type=report.subject_type,
        target_id=report.subject_id,
        report=str(report.id),
        because=report.reason,
    )
    publish(
        ReportFiled(
            aggregate_id=report.id,
            reporter_id=report.reporter_id,
            subject_type=report.subject_type,
            subject_id=report.subject_id,
            reason=report.reason,
        ),
        actor_id=actor.user_id,
    )
