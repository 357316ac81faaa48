"""A mentor's weekly hours and the exceptions to them. What is booked stays, whatever becomes of the hours."""

from typing import Any, TypeVar, Unpack
from uuid import UUID

from django.db import models, transaction

from access.types import Principal
from core.db.changes import lock, save_changes
from core.db.instances import insert
from core.errors import Conflict, Invalid
from mentors.models import AvailabilityException, AvailabilityRule, Mentor
from mentors.types import HoursFields

MAX_ROWS = 200  # of each kind, for one mentor

Row = TypeVar("Row", AvailabilityRule, AvailabilityException)


def add_rule(*, actor: Principal, **fields: Unpack[HoursFields]) -> AvailabilityRule:
    """Open hours on one weekday.

    Raises:
        NotFound: the actor has not applied to be a mentor.
        Invalid: they end before they begin.
    """
    return _add(AvailabilityRule, actor, fields)


def change_rule(
    *, actor: Principal, rule_id: UUID, expected_version: int | None = None, **fields: Unpack[HoursFields]
) -> AvailabilityRule:
    """Raises: NotFound, PreconditionFailed; Invalid, where they would end before they begin."""
    return _change(AvailabilityRule, actor, rule_id, expected_version, fields)


def remove_rule(*, actor: Principal, rule_id: UUID) -> None:
    """Raises: NotFound."""
    _remove(AvailabilityRule, actor, rule_id)


def add_exception(*, actor: Principal, **fields: Unpack[HoursFields]) -> AvailabilityException:
    """Close hours of certain days, or open more.

    Raises:
        NotFound: the actor has not applied to be a mentor.
        Invalid: they end before they begin.
    """
    fields.setdefault("last_day", fields.get("first_day"))
    return _add(AvailabilityException, actor, fields)


def change_exception(
    *, actor: Principal, exception_id: UUID, expected_version: int | None = None, **fields: Unpack[HoursFields]
) -> AvailabilityException:
    """Raises: NotFound, PreconditionFailed; Invalid, where they would end before they begin."""
    return _change(AvailabilityException, actor, exception_id, expected_version, fields)


def remove_exception(*, actor: Principal, exception_id: UUID) -> None:
    """Raises: NotFound."""
    _remove(AvailabilityException, actor, exception_id)


@transaction.atomic
def _add(model: type[Row], actor: Principal, fields: HoursFields) -> Row:
    mentor: Mentor = lock(Mentor.objects.all(), id=actor.user_id)
    if model._default_manager.filter(mentor_id=mentor.id).count() >= MAX_ROWS:
        raise Conflict(f"{MAX_ROWS} are the most that can be kept.")
    row = model(mentor_id=mentor.id, **fields)
    _check(row)
    return insert(row)


@transaction.atomic
def _change(model: type[Row], actor: Principal, row_id: UUID, expected_version: int | None, fields: HoursFields) -> Row:
    row = lock(_own(model, actor), expected_version=expected_version, id=row_id)
    changed = model(**{field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields})
    for name, value in fields.items():
        setattr(changed, name, value)
    _check(changed)
    return save_changes(row, **fields)


@transaction.atomic
def _remove(model: type[Row], actor: Principal, row_id: UUID) -> None:
    lock(_own(model, actor), id=row_id).delete()


def _own(model: type[Row], actor: Principal) -> models.QuerySet[Row]:
    own: models.QuerySet[Any] = model._default_manager.filter(mentor_id=actor.user_id)
    return own


def _check(row: AvailabilityRule | AvailabilityException) -> None:
    if row.end_minute <= row.start_minute:
        raise Invalid.field("ends", "Hours end after they begin, at 24:00 at the latest.", "ends_before_start")
    if row.first_day and row.last_day and row.last_day < row.first_day:
        raise Invalid.field("last_day", "The last day cannot be before the first.", "ends_before_start")
