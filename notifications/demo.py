"""A believable inbox of the demo people, for development only: what really would be told them."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.selectors import find_by_email
from core.contributions.demo import Progress, demo_data
from core.contributions.notices import Category
from notifications.models import Notification

PEOPLE = ("freelancer", "client", "mentor")
# type, category, title, message, link, days ago
_TOLD = (
    (
        "finance.payout.paid", Category.FINANCE, "Paid out: $420.00", "$420.00 were sent to your bank account.",
        "finance/payouts", 3,
    ),
    (
        "calendar.reminder.due", Category.CALENDAR, "Kick-off with Nordlicht", "Begins in 15 min.",
        "calendar/events", 1,
    ),
    (
        "account.second_factor.changed", Category.SECURITY, "Your second factor has changed",
        "If it was not you, end your sessions and change your password.", "account", 0,
    ),
)  # fmt: skip


@demo_data("inboxes", order=40)
def seed_demo_inboxes(progress: Progress) -> None:
    for done, mailbox in enumerate(PEOPLE, start=1):
        person = find_by_email(f"{mailbox}@demo.gigvora.com")
        if person and not Notification.objects.filter(user_id=person.pk).exists():
            _fill(person.pk)
        progress(done / len(PEOPLE))


def _fill(user_id: UUID) -> None:
    now = timezone.now()
    for kind, category, title, message, link, days in _TOLD:
        moment = now - timedelta(days=days)
        row = Notification.objects.create(
            user_id=user_id, type=kind, category=category, title=title, message=message, deep_link=link,
            read_at=moment if days else None, delivered_at=moment if days else None,
        )  # fmt: skip
        Notification.objects.filter(id=row.id).update(created_at=moment)
