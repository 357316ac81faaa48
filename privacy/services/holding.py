"""Whose row is held by whoever opens, plans or begins an erasure, so that they wait for each other.

Their locks are taken in one order: roles (`access.services.check_may_leave`), the person, then what is the person's.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth import get_user_model

if TYPE_CHECKING:
    from accounts.models import User


def hold(user_id: UUID) -> "User | None":
    """The person, locked until the transaction ends; None if somebody deleted the row by hand."""
    return get_user_model().objects.select_for_update(no_key=True).filter(pk=user_id).first()
