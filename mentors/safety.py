"""Mentors as people may report them."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from core.contributions.safety import Subject, reportable
from core.errors import NotFound
from mentors import selectors, services
from mentors.errors import InvalidState
from mentors.scopes import STAFF


def _find(principal: Any, mentor_id: UUID) -> Subject | None:
    mentor = selectors.find_public(mentor_id)
    return Subject(mentor.user_id, mentor.headline) if mentor else None


def _remove(actor_id: UUID, mentor_id: UUID, reason: str) -> None:
    with suppress(InvalidState, NotFound):  # suspended before, or gone
        services.suspend_mentor(actor_id=actor_id, mentor_id=mentor_id, note=reason)


reportable("mentor", find=_find, remove=_remove, scope=STAFF)
