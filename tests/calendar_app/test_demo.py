"""Demo calendars."""

from access.types import Principal
from calendar_app.demo import seed_demo_events
from calendar_app.models import Event, Reminder
from calendar_app.types import EventType


def test_seed__twice__writes_once(actor: Principal, stranger: Principal) -> None:
    shares: list[float] = []

    seed_demo_events([actor.user_id, stranger.user_id], 60, shares.append)
    seed_demo_events([actor.user_id, stranger.user_id], 60, shares.append)

    assert shares == [0.5, 1.0, 0.5, 1.0]
    assert Event.objects.owned_by(actor.user_id).count() == 60
    assert Event.objects.owned_by(stranger.user_id).count() == 60
    assert set(Event.objects.values_list("event_type", flat=True)) == set(EventType)
    assert Event.objects.series().count() == 6
    assert Reminder.objects.exists()
