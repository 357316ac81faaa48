"""What whoever handles reports sees on the home screen."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission

from access.models import Role
from access.types import Principal
from accounts.models import User
from core.contributions.cards import Card, Priority
from core.http.access import Audience
from explorer.models import Listing
from safety import cards, services
from safety.models import Report
from safety.scopes import STAFF
from safety.types import ReportReason
from tests.accounts.actors import MakeUser, PrincipalOf
from tests.safety.conftest import FileReport

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(support: User, principal_of: PrincipalOf) -> Principal:
    """Support, in the app: with a token that carries no staff scope."""
    return principal_of(support, Audience.IOS)


def test_reports__waiting__are_counted_for_staff_until_they_are_decided(
    handler: Principal, support: User, file: FileReport
) -> None:
    assert STAFF not in handler.scopes
    assert list(cards.reports(handler)) == []
    report = file()

    shown = Card(
        title="1 report is waiting",
        subtitle="Decide about them in the staff site.",
        priority=Priority.TODAY,
        link="reports/queue",
        data={"total": 1, "overdue": 0},
    )
    assert list(cards.reports(handler)) == [shown]
    services.take_report(actor_id=support.pk, report_id=report.id)
    assert list(cards.reports(handler)) == [shown], "in review, it still waits"
    services.dismiss_report(actor_id=support.pk, report_id=report.id, reason="Harmless.")
    assert list(cards.reports(handler)) == []


def test_reports__longer_than_promised__are_urgent(
    handler: Principal, file: FileReport, owner: Principal, visitor: Principal, clock: time_machine.Traveller
) -> None:
    file()
    clock.shift(timedelta(hours=24))
    file(actor=owner, subject_type="user", subject_id=visitor.user_id)

    [card] = cards.reports(handler)

    assert (card.title, card.subtitle) == ("2 reports are waiting", "1 for longer than a day.")
    assert (card.priority, card.data) == (Priority.URGENT, {"total": 2, "overdue": 1})


def test_reports__role_that_lost_the_scope_or_is_not_acted_with__sees_none(
    handler: Principal, visitor: Principal, file: FileReport
) -> None:
    file()
    assert list(cards.reports(visitor)) == []

    Role.objects.get(name="support").permissions.remove(Permission.objects.get(codename=STAFF))
    assert list(cards.reports(handler)) == []


def test_reports__fifty__cost_the_same_queries(
    handler: Principal, listing: Listing, make_user: MakeUser, django_assert_num_queries: Any
) -> None:
    reporter = make_user()
    Report.objects.bulk_create(
        Report(
            reporter=reporter, subject_type="listing", subject_id=each.id, subject_owner=listing.owner,
            reason=ReportReason.SPAM,
        )
        for each in (Listing() for _ in range(50))
    )  # fmt: skip

    with django_assert_num_queries(3):
        [card] = cards.reports(handler)
    assert card.data["total"] == 50
