"""Applying to be a mentor, and what mentors say of themselves."""

from typing import Any, Unpack

from django.db import IntegrityError, transaction

from access.services import record
from access.types import Principal
from core.db.changes import lock, save_changes
from core.db.instances import insert
from core.timezones import zone_named
from events.services import publish
from mentors.errors import AlreadyApplied
from mentors.events import MentorApplied
from mentors.models import Mentor
from mentors.types import MentorStatus, ProfileFields


def apply_as_mentor(*, actor: Principal, motivation: str = "", **fields: Unpack[ProfileFields]) -> Mentor:
    """Ask to be a mentor; staff decide. Who was rejected may ask again.

    Raises:
        AlreadyApplied: the actor waits for an answer, or has been approved or suspended.
        Invalid: there is no such time zone.
    """
    columns = {"motivation": motivation, **columns_of(fields)}
    with transaction.atomic():
        mentor: Mentor | None = Mentor.objects.select_for_update().filter(id=actor.user_id).first()
        if mentor is None:
            mentor = _new(actor, columns)
        elif mentor.status == MentorStatus.REJECTED:
            save_changes(mentor, status=MentorStatus.PENDING.value, **columns)
        else:
            raise AlreadyApplied
        record(
            action="mentor.applied",
            outcome="success",
            principal=actor,
            target_type="user",
            target_id=actor.user_id,
        )
        publish(MentorApplied(aggregate_id=mentor.id), actor_id=actor.user_id)
    return mentor


@transaction.atomic
def update_profile(*, actor: Principal, expected_version: int | None = None, **fields: Unpack[ProfileFields]) -> Mentor:
    """Change what the actor says of themselves as a mentor. Sessions that are booked stay as they are.

    Raises:
        NotFound: the actor has not applied.
        PreconditionFailed: the profile is no longer in `expected_version`.
        Invalid: there is no such time zone.
    """
    mentor: Mentor = lock(Mentor.objects.all(), expected_version=expected_version, id=actor.user_id)
    return save_changes(mentor, **columns_of(fields))


def columns_of(fields: ProfileFields) -> dict[str, Any]:
    """The columns in which a profile's fields are kept."""
    columns: dict[str, Any] = dict(fields)
    if "timezone" in columns:
        zone_named(columns["timezone"])
    if (price := columns.pop("price", None)) is not None:
        columns |= {"price_minor": price.minor, "currency": price.currency}
    if "expertise" in columns:
        columns["expertise_slugs"] = "".join(f"|{tag['slug']}" for tag in columns["expertise"]) + "|"
    if "durations" in columns:
        columns["durations"] = sorted(set(columns["durations"]))
    return columns


def _new(actor: Principal, columns: dict[str, Any]) -> Mentor:
    try:
        return insert(Mentor(id=actor.user_id, user_id=actor.user_id, **{"timezone": actor.timezone, **columns}))
    except IntegrityError as error:  # the same person, at the same moment, on another phone
        raise AlreadyApplied from error
