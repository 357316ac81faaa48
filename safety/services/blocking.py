"""Blocking people, and no longer blocking them. Both may be said twice."""

from uuid import UUID

from django.db import transaction

from access.services import record
from access.types import Principal
from accounts.selectors import find_user
from core.errors import NotFound
from events.services import publish
from safety.errors import OwnBlock
from safety.events import UserBlocked
from safety.models import Block


@transaction.atomic
def block_user(*, actor: Principal, user_id: UUID) -> Block:
    """Keep the actor and somebody else apart. Saying it twice changes nothing.

    Raises:
        OwnBlock: they are the actor.
        NotFound: there is no such person.
    """
    if user_id == actor.user_id:
        raise OwnBlock
    user = find_user(user_id)
    if user is None or not user.is_active:
        raise NotFound
    block = Block(blocker_id=actor.user_id, blocked_id=user_id)
    Block.objects.bulk_create([block], ignore_conflicts=True)
    standing: Block | None = Block.objects.filter(blocker_id=actor.user_id, blocked_id=user_id).first()
    if standing is None:
        raise NotFound  # taken back at the same moment
    if standing.id == block.id:
        _record("block.set", actor, user_id)
        publish(
            UserBlocked(aggregate_id=block.id, blocker_id=actor.user_id, blocked_id=user_id), actor_id=actor.user_id
        )
    return standing


@transaction.atomic
def unblock_user(*, actor: Principal, user_id: UUID) -> None:
    """Let the two meet again, unless the other blocks the actor. Saying it twice changes nothing."""
    gone, _ = Block.objects.filter(blocker_id=actor.user_id, blocked_id=user_id).delete()
    if gone:
        _record("block.ended", actor, user_id)


def _record(action: str, actor: Principal, user_id: UUID) -> None:
    record(action=action, outcome="success", principal=actor, target_type="user", target_id=user_id)
