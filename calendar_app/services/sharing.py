"""Sharing a calendar with one other person, and ending it.

Inviting tells nothing of who has an account: the answer is the same for every address. A share is nothing until the
owner of that address, who must have confirmed it, accepts; from then on a row of django-guardian's says what they may.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts.selectors import get_user
from calendar_app.errors import AddressNotConfirmed, AlreadyShared, TooManyShares
from calendar_app.events import CalendarShareAccepted, CalendarShareEnded, CalendarShareOffered
from calendar_app.managers import CalendarShareQuerySet
from calendar_app.models import CalendarShare, CalendarShareGrant
from calendar_app.types import PERMISSIONS, ShareLevel
from core.db.changes import lock, save_changes
from core.errors import Invalid
from events.services import publish

MAX_SHARES = 50  # of one calendar, at a time


def offer_share(
    *, actor: Principal, email: str, level: ShareLevel, expires_at: datetime | None = None
) -> CalendarShare:
    """Offer the actor's calendar to whoever owns an address. An offer or share that has expired makes way.

    Raises:
        Invalid: it is the actor's own address, or the end lies behind.
        AlreadyShared: it is offered to this address, or shared with its owner.
        TooManyShares: it is offered to enough people.
    """
    address = email.strip().lower()
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid.field("expires_at", "This moment is over.", "in_the_past")
    with transaction.atomic():
        get_user_model().objects.select_for_update(no_key=True).get(pk=actor.user_id)
        if address == get_user(actor.user_id).email:
            raise Invalid.field("email", "This is your own address.", "own_address")
        given = CalendarShare.objects.filter(owner_id=actor.user_id)
        standing = given.unexpired()
        if standing.filter(email=address).exists():
            raise AlreadyShared
        if standing.count() >= MAX_SHARES:
            raise TooManyShares
        for expired in given.filter(email=address).select_for_update(no_key=True):
            _end(expired, actor.user_id)
        share = CalendarShare.objects.create(owner_id=actor.user_id, email=address, level=level, expires_at=expires_at)
        _tell("share.offered", actor, share)
        publish(CalendarShareOffered(aggregate_id=share.id, owner_id=share.owner_id), actor_id=actor.user_id)
    return share


def accept_share(*, actor: Principal, share_id: UUID) -> CalendarShare:
    """Take up an offer to the actor's own, confirmed address. Saying it twice changes nothing.

    Raises:
        NotFound: nothing was offered to the actor under this id, it has expired, or a block is between the two.
        AddressNotConfirmed: the actor has yet to show that the address is theirs.
    """
    user = get_user(actor.user_id)
    with transaction.atomic():
        share: CalendarShare = lock(_offered_to(user), id=share_id)
        if not user.is_email_verified:
            raise AddressNotConfirmed
        if share.member_id is not None:
            return share
        save_changes(share, member_id=actor.user_id, accepted_at=timezone.now())
        for permission in PERMISSIONS[ShareLevel(share.level)]:
            CalendarShareGrant.objects.assign_perm(permission, user, share)
        _tell("share.accepted", actor, share)
        publish(
            CalendarShareAccepted(aggregate_id=share.id, owner_id=share.owner_id, member_id=actor.user_id),
            actor_id=actor.user_id,
        )
    return share


def end_share(*, actor: Principal, share_id: UUID) -> None:
    """Take a share back, decline it or leave: its owner and whoever it was offered to may. It ends at once.

    Raises:
        NotFound: the actor has no part in such a share.
    """
    involved = CalendarShare.objects.involving(actor.user_id, get_user(actor.user_id).email)
    with transaction.atomic():
        _end(lock(involved, id=share_id), actor.user_id)


def revoke_share(*, actor: UUID, share_id: UUID) -> None:
    """End anybody's share, as staff.

    Raises:
        NotFound: there is no such share.
    """
    with transaction.atomic():
        _end(lock(CalendarShare.objects.all(), id=share_id), actor)


def end_shares_between(*, one: UUID, other: UUID) -> int:
    """End every share between two people, whoever gave it, because of a block; how many there were."""
    between = Q(owner_id=one, member_id=other) | Q(owner_id=other, member_id=one)
    with transaction.atomic():
        shares = list(CalendarShare.objects.filter(between).select_for_update(no_key=True))
        for share in shares:
            _end(share, None)
    return len(shares)


def _offered_to(user: Any) -> CalendarShareQuerySet:
    offered: CalendarShareQuerySet = CalendarShare.objects.unexpired().filter(email=user.email).unblocked(user.pk)
    return offered


def _end(share: CalendarShare, actor_id: UUID | None) -> None:
    record(
        action="share.ended",
        outcome="success",
        user_id=actor_id,
        target_type="user",
        target_id=share.owner_id,
        share=str(share.id),
        member=str(share.member_id) if share.member_id else None,
    )
    publish(
        CalendarShareEnded(aggregate_id=share.id, owner_id=share.owner_id, member_id=share.member_id),
        actor_id=actor_id,
    )
    share.delete()


def _tell(action: str, actor: Principal, share: CalendarShare) -> None:
    record(
        action=action,
        outcome="success",
        principal=actor,
        target_type="user",
        target_id=share.owner_id,
        share=str(share.id),
        level=share.level,
    )
