"""People as others may report them: for what they do, where no single thing of theirs is at fault."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from accounts.selectors import find_user
from accounts.services import profile
from core.contributions.safety import Subject, reportable
from core.errors import NotFound

SUSPEND = "admin:people.suspend"


def _find(principal: Any, user_id: UUID) -> Subject | None:
    """Whoever has an account. Names stay out, as not everybody knows them."""
    user = find_user(user_id)
    return Subject(user.id) if user and user.is_active else None


def _remove(actor_id: UUID, user_id: UUID, reason: str) -> None:
    with suppress(NotFound):  # suspended before
        profile.suspend(actor=actor_id, user_id=user_id, reason=reason)


reportable("user", find=_find, remove=_remove, scope=SUSPEND)
