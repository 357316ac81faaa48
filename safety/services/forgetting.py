"""What becomes of reports and blocks when somebody's account is erased."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safety.models import Block, Report
from safety.services.deciding import close_report

CLOSED = "The account was closed."


def forget_reports(user_id: UUID) -> int:
    """Blank what somebody wrote, and what others wrote about them and what they owned; the number of rows.

    Nothing is left to be decided of what waits, so it is closed. Safe to run again.
    """
    about = Report.objects.filter(subject_owner_id=user_id)
    for report_id in about.waiting().order_by("id").values_list("id", flat=True):
        close_report(report_id=report_id, reason=CLOSED)
    with transaction.atomic():
        written = Report.objects.filter(reporter_id=user_id).update(message="")
        about.exclude(decision=CLOSED).update(decision="")
        return written + about.update(subject_title="", message="")


def forget_blocks(user_id: UUID) -> int:
    """Delete the blocks by and of somebody; the number of rows. Safe to run again."""
    return Block.objects.filter(Q(blocker_id=user_id) | Q(blocked_id=user_id)).delete()[0]
