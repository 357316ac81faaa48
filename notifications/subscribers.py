"""How the inbox hears of what happened: of whatever apps have declared notices for."""

from uuid import UUID

from django.utils.module_loading import autodiscover_modules

from core.contributions.events import Published, subscriber
from core.contributions.notices import notices
from notifications import services

autodiscover_modules("notices")  # what they name is what we listen to


@subscriber(*(notice.event for notice in notices()), name="notifications.tell")
def tell(event: Published) -> None:
    services.tell(event)


@subscriber("mentor.session.redacted", name="notifications.forget_words")
def forget_words(event: Published) -> None:
    sides = [UUID(event.payload[name]) for name in ("mentor_id", "mentee_id")]
    link = f"mentors/sessions/{event.aggregate_id}"
    services.forget_words(user_ids=sides, deep_link=link, before=event.occurred_at)


@subscriber("account.session.ended", name="notifications.forget_device")
def forget_device(event: Published) -> None:
    services.forget_device(user_id=UUID(event.payload["user_id"]), device_id=UUID(event.payload["device_id"]))
