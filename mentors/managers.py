"""Chainable querysets of mentors, their hours and the sessions with them."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q

from access.types import Principal
from mentors.types import LIVE, MAX_MINUTES, OVERRIDE, MentorStatus, Span
from safety.selectors import unblocked

LONGEST = timedelta(minutes=MAX_MINUTES)


class MentorQuerySet(models.QuerySet[Any]):
    def visible_to(self, principal: Principal) -> Self:
        """Mentors whom the caller may see and book."""
        return self.public().unblocked(principal)

    def public(self) -> Self:
        """Mentors whom everybody who is signed in may see, but for people who block each other."""
        return self.filter(status=MentorStatus.APPROVED, is_withheld=False)

    def unblocked(self, principal: Principal) -> Self:
        """Without those whom the caller blocks, and those who block the caller."""
        return self.filter(unblocked(principal.user_id, "user_id"))


class SessionQuerySet(models.QuerySet[Any]):
    def live(self) -> Self:
        return self.filter(status__in=sorted(LIVE))

    def visible_to(self, principal: Principal) -> Self:
        """The sessions of both sides, and all of them for a support lead."""
        if OVERRIDE in principal.scopes:
            return self.all()
        return self.filter(Q(mentor_id=principal.user_id) | Q(mentee_id=principal.user_id))

    def starting_around(self, span: Span) -> Self:
        """Sessions that may touch a span; on the column that is indexed."""
        return self.filter(starts_at__gt=span.start - LONGEST, starts_at__lt=span.end)
