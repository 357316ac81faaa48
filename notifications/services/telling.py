"""From events to inboxes: rows first. What leaves the inbox is a row too, for `mailing` to find.

Called once more with the same event, nothing happens.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.selectors import find_user
from core.contributions.events import Published
from core.contributions.notices import Channel, Notice, Recipient, notices_of
from core.jobs import enqueue
from core.timezones import rfc3339
from notifications.models import MAX_MESSAGE, MAX_TITLE, Delivery, Notification

_SENT_BY_US = frozenset({Channel.EMAIL})


@transaction.atomic
def tell(event: Published) -> None:
    """Write what an event means to each of its recipients into their inbox."""
    for notice in notices_of(event.name):
        for user_id in notice.recipients(event):
            recipient = _find_recipient(user_id)
            if recipient is not None:
                _write(notice, event, recipient)


def forget_words(*, user_ids: Collection[UUID], deep_link: str, before: datetime) -> int:
    """Empty the messages that told some people of something; the titles, which are ours, stay. Returns how many."""
    told = Notification.objects.filter(user_id__in=user_ids, deep_link=deep_link, created_at__lt=before)
    count: int = told.exclude(message="").update(message="", updated_at=timezone.now(), rev=F("rev") + 1)
    return count


def _find_recipient(user_id: UUID) -> Recipient | None:
    user = find_user(user_id)
    if user is None or not user.is_active:
        return None
    return Recipient(user.id, user.locale, ZoneInfo(user.timezone))


def _write(notice: Notice, event: Published, recipient: Recipient) -> None:
    values = {**event.payload, "aggregate_id": event.aggregate_id, **notice.values(event, recipient)}
    words = notice.words_for(recipient)
    row, is_new = Notification.objects.get_or_create(
        user_id=recipient.user_id,
        event_id=event.id,
        defaults={
            "type": notice.key,
            "category": notice.category,
            "title": _cut(words.title.format(**values), MAX_TITLE),
            "message": _cut(words.message.format(**values), MAX_MESSAGE),
            "metadata": _metadata(notice, values),
            "deep_link": notice.deep_link.format(**values),
            "urgent": notice.urgent,
            "useful_until": event.occurred_at + notice.useful_for if notice.useful_for else None,
        },
    )
    channels = notice.channels & _SENT_BY_US
    if is_new and channels:
        now = timezone.now()
        Delivery.objects.bulk_create(Delivery(notification=row, channel=channel, due_at=now) for channel in channels)
        enqueue("notifications.send")


def _metadata(notice: Notice, values: Mapping[str, object]) -> dict[str, object]:
    """What apps get as data. Events store moments with an offset; apps read them with `Z`, as everywhere in the API."""
    told = {name: values[name] for name in notice.metadata}
    moments = {name: str(value) for name, value in told.items() if name.endswith("_at") and value}
    return told | {name: rfc3339(datetime.fromisoformat(value)) for name, value in moments.items()}


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
