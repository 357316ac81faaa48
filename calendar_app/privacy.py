"""The personal data of calendars."""

from uuid import UUID

import idna
from django.contrib.auth import get_user_model
from django.db.models import Q

from calendar_app.models import CalendarShare, CalendarShareGrant, Event, Reminder, Subscription
from core.contributions.privacy import Basis, Category, Delete, Goes, data, personal

UNTIL_DELETED = "until the person deletes it or their account"


def _of_either_side(user_id: UUID) -> Q:
    """Shares that somebody offers, has taken, or has been offered at their address and not answered.

    Accounts are erased after calendars, so that the address is still known here.
    """
    addresses = [
        spelling
        for email in get_user_model().objects.filter(id=user_id).values_list("email", flat=True)
        for spelling in _spellings(email)
    ]
    return Q(owner=user_id) | Q(member=user_id) | Q(member=None, email__in=addresses)


def _spellings(email: str) -> set[str]:
    """An address as accounts have it, and as others may have written its domain: offers keep what was written."""
    local, _, domain = email.rpartition("@")
    try:
        return {email, f"{local}@{idna.decode(domain)}"}
    except UnicodeError:
        return {email}


personal(
    Event,
    "calendar_events",
    of="owner",
    purpose="Keep the person's calendar.",
    basis=Basis.CONTRACT,
    retention=UNTIL_DELETED,
    shared_with=("members of the workspace an event is shared in", "whom the person gives a subscription address"),
    erase=Delete(),
    data=[
        data(Category.IDENTITY, "owner workspace shared_in public_id uid"),
        data(Category.CONTENT, "title description metadata video_conference_link cancellation_reason"),
        data(Category.CONTENT, "related_entity_type related_entity_id color_hex event_type"),
        data(Category.LOCATION, "location timezone"),
        data(Category.ACTIVITY, "starts_at ends_at is_all_day status source completed_at cancelled_at"),
        data(Category.ACTIVITY, "recurrence extra_starts excluded_starts is_series series_ends_at"),
        data(Category.ACTIVITY, "series original_start"),
        data(Category.PREFERENCE, "visibility reminder_minutes focus_mode"),
    ],
)
personal(
    Reminder,
    "calendar_reminders",
    of="event__owner",
    purpose="Remind the person of their events in time.",
    basis=Basis.CONTRACT,
    retention="until it was sent",
    erase=Delete(),
    data=[data(Category.ACTIVITY, "event occurrence_start due_at")],
)
personal(
    Subscription,
    "calendar_subscriptions",
    of="owner",
    purpose="Let other programs of the person read their calendar.",
    basis=Basis.CONTRACT,
    retention="until the person closes the address or their account",
    erase=Delete(),
    withheld={"token_digest": "A digest of a secret address."},
    data=[data(Category.IDENTITY, "owner"), data(Category.CREDENTIAL, "token_digest")],
)
personal(
    CalendarShare,
    "calendar_shares",
    of=_of_either_side,
    purpose="Let people use each other's calendars where they agreed on it.",
    basis=Basis.CONTRACT,
    retention="until one of both ends it or deletes their account",
    shared_with=("whom the person shares a calendar with",),
    erase=Delete(),
    data=[
        data(Category.IDENTITY, "owner member"),
        data(Category.CONTACT, "email"),
        data(Category.PREFERENCE, "level expires_at accepted_at"),
    ],
)
personal(
    CalendarShareGrant,
    "calendar_share_grants",
    of="user",
    purpose="Say what a member may do in a calendar that is shared with them.",
    basis=Basis.CONTRACT,
    retention="as long as the share",
    erase=Goes(along="calendar_shares"),
    data=[data(Category.IDENTITY, "user permission content_object")],
)
