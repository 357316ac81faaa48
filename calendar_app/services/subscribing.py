"""Subscription addresses: other programs read a calendar under a secret link, until it is revoked."""

from django.db import transaction

from access.types import Principal
from calendar_app.models import Subscription
from calendar_app.tokens import digest_of, new_token


@transaction.atomic
def open_subscription(*, actor: Principal) -> str:
    """Give out a new secret, the only time that it can be seen; a former one stops working."""
    token = new_token()
    Subscription.objects.update_or_create(owner_id=actor.user_id, defaults={"token_digest": digest_of(token)})
    return token


def close_subscription(*, actor: Principal) -> None:
    """Revoke the actor's address; without one, nothing happens."""
    Subscription.objects.filter(owner_id=actor.user_id).delete()
