"""What webhooks hear of: every public event, and their own disablings, of which owners are told by mail."""

from accounts.services.claiming import greeted_as
from core import mail
from core.contributions.events import PUBLIC, Published, subscriber
from webhooks import services
from webhooks.events import EndpointSwitchedOff
from webhooks.selectors import find_endpoint
from webhooks.types import DisabledReason


@subscriber(PUBLIC, name="webhooks.fan_out")
def fan_out(event: Published) -> None:
    services.fan_out(event=event)


@subscriber(EndpointSwitchedOff.name, name="webhooks.tell_of_disabling", is_slow=True)
def tell_of_disabling(event: Published) -> None:
    """Tell whoever registered an endpoint that it gets nothing any more, unless that was their own wish."""
    endpoint = find_endpoint(event.aggregate_id)
    owner = endpoint.created_by if endpoint else None
    if endpoint is None or owner is None or owner.closed_at or event.payload["reason"] == DisabledReason.OWNER:
        return
    context = {"name": greeted_as(owner), "url": endpoint.url, "reason": event.payload["reason"]}
    mail.deliver("webhooks/mail/endpoint_disabled", to=owner.email, context=context)
