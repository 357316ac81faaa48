"""What becomes of reports and blocks when somebody's account is erased."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safety.models import Block, Report


@transaction.atomic
def forget_reports(user_id: UUID) -> int:
    """Blank what somebody wrote, and how what they owned was named; the number of rows. Safe to run again."""
    written = Report.objects.filter(reporter_id=user_id).update(message="")
    return written + Report.objects.filter(subject_owner_id=user_id).update(subject_title="")


def forget_blocks(user_id: UUID) -> int:
    """Delete the blocks by and of somebody; the number of rows. Safe to run again."""
    return Block.objects.filter(Q(blocker_id=user_id) | Q(blocked_id=user_id)).delete()[0]
