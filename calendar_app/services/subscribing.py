"""Subscription addresses: other programs read a calendar under a secret link, until it is revoked."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from access.services import record
from access.types import Principal
from calendar_app.models import Subscription
from calendar_app.tokens import digest_of, new_token


def open_subscription(*, actor: Principal) -> tuple[Subscription, str]:
    """Give out a new secret, which cannot be seen again; a former one stops working."""
    token = new_token()
    with transaction.atomic():
        close_subscription(actor=actor)
        subscription = Subscription.objects.create(owner_id=actor.user_id, token_digest=digest_of(token))
    return subscription, token


def close_subscription(*, actor: Principal) -> None:
    """Revoke the actor's address; without one, nothing happens."""
    Subscription.objects.filter(owner_id=actor.user_id).delete()


def revoke_subscriptions(*, actor: UUID, ids: Collection[UUID]) -> None:
    """Revoke the addresses of others, as staff do when one has got about. `actor` is the id of who does."""
    with transaction.atomic():
        for subscription in Subscription.objects.filter(id__in=ids).select_for_update().order_by("id"):
            subscription.delete()
            record(
                action="session.revoked",
                outcome="success",
                user_id=actor,
                target_type="user",
                target_id=subscription.owner_id,
                reason="calendar subscription revoked by staff",
            )
