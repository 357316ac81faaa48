"""The personal data in webhooks: who registered an endpoint, and whom the events are about that went to it."""

from uuid import UUID

from django.db.models import Q

from accounts.selectors import homes_of
from core.contributions.privacy import Basis, Category, Delete, Goes, data, personal
from webhooks.models import Attempt, Delivery, Endpoint

RECEIVERS = ("whoever runs the endpoint, on the workspace's own wish",)


def _endpoints_of(user_id: UUID) -> Q:
    """Those of a person's own workspace; what they registered for colleagues stays, under an id."""
    return Q(workspace__in=homes_of(user_id))


personal(
    Endpoint,
    "webhook_endpoints",
    of=_endpoints_of,
    purpose="Send the workspace's events where it wants them.",
    basis=Basis.CONTRACT,
    retention="until it is deleted",
    erase=Delete(),
    withheld={
        "sealed_secret": "A sealed secret; its owner has it.",
        "sealed_former_secret": "A sealed secret; its owner has it.",
    },
    data=[
        data(Category.IDENTITY, "workspace created_by"),
        data(Category.CONTENT, "url description"),
        data(Category.PREFERENCE, "events"),
        data(Category.CREDENTIAL, "sealed_secret sealed_former_secret former_secret_until"),
        data(Category.ACTIVITY, "status disabled_reason disabled_at failing_since paused_until"),
    ],
)
personal(
    Delivery,
    "webhook_deliveries",
    of="subject_id",
    purpose="Deliver events to integrators, and show what became of each.",
    basis=Basis.CONTRACT,
    retention="30 days",
    shared_with=RECEIVERS,
    erase=Delete(),
    not_exported="Working copies of what the other collections hold.",
    data=[
        data(Category.IDENTITY, "subject_id"),
        data(Category.CONTENT, "body"),
        data(
            Category.ACTIVITY,
            "endpoint event_id event_name channel trace_id status attempts fence due_at leased_until finished_at"
            " status_code latency_ms error",
        ),
    ],
)
personal(
    Attempt,
    "webhook_attempts",
    of="delivery__subject_id",
    purpose="Show integrators how each attempt went.",
    basis=Basis.CONTRACT,
    retention="30 days",
    erase=Goes(along="webhook_deliveries"),
    not_exported="What machines of integrators answered.",
    data=[data(Category.ACTIVITY, "delivery number ended_at latency_ms status_code error response")],
)
