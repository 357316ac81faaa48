"""The personal data of the outbox and the change feed: ids of people, and what some events say of them."""

from django.db.models import Q

from core.contributions.privacy import Basis, Category, Goes, Perform, data, impersonal, personal
from events.models import Change, Delivery, Feed, Increment, OutboxEvent
from events.services.forgetting import forget_changes, forget_events

COPIES = "Working copies of what the other collections hold."

personal(
    OutboxEvent,
    "events",
    of=lambda user_id: Q(actor_id=user_id) | Q(aggregate_id=user_id),
    purpose="Let the parts of the platform hear of each other's changes.",
    basis=Basis.CONTRACT,
    retention="30 days after everybody has heard of it",
    shared_with=("integrators, through webhooks that the platform's operators set up",),
    erase=Perform(forget_events),
    not_exported=COPIES,
    data=[
        data(Category.IDENTITY, "aggregate aggregate_id actor_id"),
        data(Category.ACTIVITY, "name version channel trace_id occurred_at"),
        data(Category.CONTENT, "payload"),
    ],
)
personal(
    Delivery,
    "event_deliveries",
    of=lambda user_id: Q(event__actor_id=user_id) | Q(aggregate_id=user_id),
    purpose="Make sure that everybody hears of an event once.",
    basis=Basis.CONTRACT,
    retention="30 days",
    erase=Goes(along="events"),
    not_exported=COPIES,
    data=[data(Category.ACTIVITY, "event subscriber aggregate_id status attempts due_at finished_at error")],
)
personal(
    Change,
    "row_changes",
    of=lambda user_id: Q(scope=f"u:{user_id}"),
    purpose="Tell the person's devices what has changed since they last asked.",
    basis=Basis.CONTRACT,
    retention="of a deleted row 90 days, of others as long as the row exists",
    erase=Perform(forget_changes),
    not_exported=COPIES,
    data=[data(Category.ACTIVITY, "scope collection row_id xid seq op changed_at")],
)
personal(
    Increment,
    "collection_versions",
    of=lambda user_id: Q(scope=f"u:{user_id}"),
    purpose="Tell the person's devices whether anything has changed.",
    basis=Basis.CONTRACT,
    retention="as long as the account exists",
    erase=Goes(along="row_changes"),
    not_exported=COPIES,
    data=[data(Category.ACTIVITY, "scope collection number")],
)
impersonal(Feed, why="One row about the feed itself.")
