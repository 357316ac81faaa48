"""Reports, decisions and blocks, many at once."""

from functools import partial

import pytest

from access.types import Principal
from accounts.models import User
from core.testing.races import race, repeat, winners
from events.models import OutboxEvent
from explorer.models import Listing
from safety import services
from safety.errors import InvalidReportState
from safety.models import Block, Report
from safety.types import ReportReason
from tests.safety.conftest import FileReport

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def test_report__sent_ten_times_at_once__is_one(listing: Listing, visitor: Principal) -> None:
    send = partial(
        services.file_report,
        actor=visitor,
        subject_type="listing",
        subject_id=listing.id,
        reason=ReportReason.SPAM,
    )

    results = race(*repeat(send, 10))

    assert len(winners(results)) == 10, results
    assert len({report.id for report, _ in winners(results)}) == 1
    assert sorted(is_new for _, is_new in winners(results)) == [False] * 9 + [True]
    assert Report.objects.count() == OutboxEvent.objects.filter(name="safety.report.filed").count() == 1


def test_decisions__of_four_at_once__are_one(file: FileReport, support: User, support_lead: User) -> None:
    report = file()
    decide = [
        partial(service, actor_id=person.pk, report_id=report.id, reason="Decided")
        for service in (services.dismiss_report, services.act_on_report)
        for person in (support, support_lead)
    ]

    results = race(*decide)

    assert len(winners(results)) == 1, results
    assert all(isinstance(result, InvalidReportState | Report | list) for result in results), results
    assert OutboxEvent.objects.filter(name="safety.report.decided").count() == 1


def test_blocks__set_ten_times_at_once__are_one(visitor: Principal, owner: Principal) -> None:
    results = race(*repeat(partial(services.block_user, actor=visitor, user_id=owner.user_id), 10))

    assert len(winners(results)) == 10, results
    assert Block.objects.count() == OutboxEvent.objects.filter(name="safety.user.blocked").count() == 1
