"""Keeping back approved mentors who may not mentor: their account is closed, or the role was taken from them."""

from contextlib import suppress
from uuid import UUID

from django.db import transaction

from core.db.changes import lock, save_changes
from core.errors import NotFound
from mentors.models import Mentor
from mentors.selectors import may_mentor
from mentors.types import MentorStatus


def follow_standing(*, mentor_id: UUID) -> None:
    """Withhold a mentor as long as they may not mentor, and only then. Whoever is no mentor is left alone.

    What counts is how they stand now: said twice, late or out of order, it comes to the same.
    """
    with suppress(NotFound), transaction.atomic():
        mentor: Mentor = lock(Mentor.objects.all(), id=mentor_id)
        if mentor.status == MentorStatus.APPROVED:  # asked of the locked row, which may have been approved meanwhile
            withhold(mentor)


def withhold(mentor: Mentor) -> Mentor:
    """Let a locked row say whether the mentor is withheld."""
    return save_changes(mentor, is_withheld=not may_mentor(mentor.user_id))
