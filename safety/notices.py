"""What people are told of decisions: whoever reported something, and whose it was if it was removed."""

from collections.abc import Callable
from uuid import UUID

from core.contributions.events import Published
from core.contributions.notices import Category, Notice, Words, declare_notices, id_in
from safety.events import ReportDecided, SubjectRemoved
from safety.types import ReportStatus


def _reporter_if(status: ReportStatus) -> Callable[[Published], list[UUID]]:
    return lambda event: [UUID(event.payload["reporter_id"])] if event.payload["status"] == status else []


def _decided(status: ReportStatus, english: Words, german: Words) -> Notice:
    return Notice(
        event=ReportDecided.name,
        type=f"safety.report.{status}",
        category=Category.SECURITY,
        recipients=_reporter_if(status),
        words={"en": english, "de": german},
        deep_link="reports/{aggregate_id}",
        metadata=("subject_type", "subject_id", "status"),
    )


declare_notices(
    _decided(
        ReportStatus.ACTIONED,
        Words("We acted on your report", "What you reported is no longer shown. Thank you."),
        Words("Wir haben auf deine Meldung reagiert", "Was du gemeldet hast, ist nicht mehr zu sehen. Danke."),
    ),
    _decided(
        ReportStatus.DISMISSED,
        Words("We looked at your report", "Nothing is to be removed. Open the report to see why."),
        Words("Wir haben deine Meldung geprüft", "Es ist nichts zu entfernen. Warum, steht in der Meldung."),
    ),
    Notice(
        event=SubjectRemoved.name,
        category=Category.SECURITY,
        recipients=id_in("owner_id"),
        words={
            "en": Words("Something of yours was removed", "Our staff decided so: {reason}"),
            "de": Words("Etwas von dir wurde entfernt", "Unser Team hat so entschieden: {reason}"),
        },
        deep_link="safety/removed/{aggregate_id}",
        metadata=("subject_type",),
    ),
)
