"""Whom a breach concerns: the first question of GDPR articles 33 and 34, from the audit trail."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_datetime

from access.selectors import people_touched


class Command(BaseCommand):
    help = "List, one JSON object a line, whom a session or a span of time concerned, and what was done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sid", type=UUID, help="A session that was in the wrong hands.")
        parser.add_argument("--since", type=_moment, help="RFC 3339, such as 2026-11-20T08:00:00Z.")
        parser.add_argument("--until", type=_moment)

    def handle(
        self, *args: Any, sid: UUID | None, since: datetime | None, until: datetime | None, **options: Any
    ) -> None:
        if sid is None and since is None:
            raise CommandError("Name a session with --sid, or a span of time with --since and --until.")
        count = 0
        for person in people_touched(session_id=sid, since=since, until=until):
            self.stdout.write(orjson.dumps(person).decode())
            count += 1
        self.stderr.write(f"{count} people.")


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise CommandError(f"{text!r} is no time: write 2026-11-20T08:00:00Z.")
    return moment
