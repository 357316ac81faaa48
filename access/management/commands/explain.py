"""Tell the story of one decision."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.stories import find_story


class Command(BaseCommand):
    help = "Explain a decision by its id, as found in X-Gigvora-Decision-Id or a problem's decision_id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("decision_id", metavar="dec_…")

    def handle(self, *args: Any, decision_id: str, **options: Any) -> None:
        story = find_story(decision_id)
        if story is None:
            raise CommandError(f"No decision {decision_id!r} is on record.")
        lines = [
            ("decision", story.decision_id),
            ("outcome", "allowed" if story.allowed else "refused"),
            ("when", f"{story.recorded_at.isoformat()}  trace {story.trace_id}"),
            ("who", story.who),
            ("what", story.what),
            ("upon", story.resource),
            *(("gate", f"{gate.outcome}: {gate.title}") for gate in story.gates),
            ("reason", story.reason),
            ("granted by", story.granted_by),
            ("remedy", story.remedy),
            ("taken", story.taken),
            ("policy", story.policy),
        ]
        for label, text in lines:
            self.stdout.write(f"{label:<12}{text}")
