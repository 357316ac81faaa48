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


@subscriber("account.session.ended", name="notifications.forget_device")
def forget_device(event: Published) -> None:
    services.forget_device(user_id=UUID(event.payload["user_id"]), device_id=UUID(event.payload["device_id"]))
