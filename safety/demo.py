"""A report that waits, for development only, so that the queue has something to show."""

from datetime import timedelta

from django.utils import timezone

from accounts.selectors import find_by_email
from core.contributions.demo import Progress, demo_data
from safety.models import Report
from safety.selectors import find_waiting_report
from safety.types import ReportReason

WAITED = timedelta(hours=20)


@demo_data("reports", order=40)
def seed_demo_reports(progress: Progress) -> None:
    """Let the demo client report the demo freelancer, unless a report of theirs waits."""
    reporter, subject = (find_by_email(f"{mailbox}@demo.gigvora.com") for mailbox in ("client", "freelancer"))
    if reporter and subject and find_waiting_report(reporter.id, "user", subject.id) is None:
        report = Report.objects.create(
            reporter=reporter,
            subject_type="user",
            subject_id=subject.id,
            subject_owner=subject,
            reason=ReportReason.SPAM,
            message="The same offer, three times in one day.",
        )
        Report.objects.filter(id=report.id).update(created_at=timezone.now() - WAITED)
    progress(1.0)
