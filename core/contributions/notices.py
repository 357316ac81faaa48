"""Which events people are told of, and in which words, as apps declare it in `<app>/notices.py`.

`notifications/` interprets the declarations: each becomes a row in the inbox of whoever is to be told, and goes out by
the channels that the notice allows and its reader has not turned off.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from core.contributions.events import Published

_UTC = ZoneInfo("UTC")
FALLBACK = "en"  # the language of those whose own a notice does not speak


class Category(StrEnum):
    """What people turn on and off as one."""

    CALENDAR = "calendar"
    MENTORSHIP = "mentorship"
    FINANCE = "finance"
    SECURITY = "security"


class Channel(StrEnum):
    """Ways out of the inbox."""

    EMAIL = "email"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told, and how they write times and numbers: `locale` as in RFC 5646."""

    user_id: UUID
    locale: str = FALLBACK
    zone: ZoneInfo = _UTC

    @property
    def language(self) -> str:
        return self.locale.partition("-")[0].lower()

    def written(self, moment: datetime) -> str:
        """A moment as their clock shows it and their language writes it; in English where nobody knows that."""
        from babel import Locale, UnknownLocaleError  # noqa: PLC0415  80 ms, which no process needs to start
        from babel.dates import format_datetime  # noqa: PLC0415

        try:
            locale = Locale.parse(self.locale, sep="-")
        except (UnknownLocaleError, ValueError):
            locale = Locale(FALLBACK)
        return format_datetime(moment, "short", self.zone, locale)


@dataclass(frozen=True, slots=True)
class Words:
    """A title and a message in one language, with `{names}` where values stand."""

    title: str
    message: str


Values = Callable[[Published, Recipient], Mapping[str, object]]


def _payload(event: Published, recipient: Recipient) -> Mapping[str, object]:
    return event.payload


@dataclass(frozen=True, slots=True)
class Notice:
    """One event, as it is told to one kind of recipient.

    Args:
        event: its name, `finance.payout.paid`.
        category: under which people may turn it off.
        recipients: the ids of who is told; of nobody where the event is none of theirs.
        words: language -> words; English is a must.
        deep_link: the path of a universal link below `/l/`, with `{names}`.
        values: what stands for the names; the event's payload where nothing is given.
        metadata: the names whose values apps get as data.
        type: how apps know it, where several notices follow one event; the event's name otherwise.
        channels: how it may leave the inbox. Events whose app writes mail of its own leave that one out.
        useful_for: how long it is worth sending; later it stays in the inbox alone.
        urgent: neither quiet hours nor a limit on numbers hold it back.
    """

    event: str
    category: Category
    recipients: Callable[[Published], Iterable[UUID]]
    words: Mapping[str, Words]
    deep_link: str
    values: Values = _payload
    metadata: tuple[str, ...] = ()
    type: str = ""
    channels: frozenset[Channel] = frozenset(Channel)
    useful_for: timedelta | None = None
    urgent: bool = False

    @property
    def key(self) -> str:
        return self.type or self.event

    def words_for(self, recipient: Recipient) -> Words:
        return self.words.get(recipient.language) or self.words[FALLBACK]


_notices: dict[str, Notice] = {}


def declare_notices(*notices: Notice) -> None:
    """Raises: ValueError, where two are of one type or one does not speak English."""
    for notice in notices:
        known = _notices.get(notice.key)
        if known is not None and known.event != notice.event:
            raise ValueError(f"Two notices are of the type {notice.key!r}.")
        if FALLBACK not in notice.words:
            raise ValueError(f"{notice.key!r} has no words in English.")
        _notices[notice.key] = notice


def notices() -> tuple[Notice, ...]:
    return tuple(_notices[key] for key in sorted(_notices))


def notices_of(event_name: str) -> list[Notice]:
    return [notice for notice in notices() if notice.event == event_name]


def id_in(name: str) -> Callable[[Published], tuple[UUID, ...]]:
    """The recipient whose id stands in the payload under `name`."""

    def read(event: Published) -> tuple[UUID, ...]:
        value: Any = event.payload[name]
        return (UUID(value),) if value else ()

    return read


def the_aggregate(event: Published) -> tuple[UUID, ...]:
    """The recipient who is what the event is about."""
    return (event.aggregate_id,)
