"""What staff do about reports, and who is told of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from access.models import AuditEntry
from access.types import Principal
from accounts.models import User
from events.models import OutboxEvent
from events.services import dispatch
from explorer import services as explorer
from explorer.models import Listing
from mentors.models import Mentor
from notifications.models import Notification
from safety import selectors, services
from safety.errors import InvalidReportState, NothingToRemove, NotYours, OwnReport
from safety.models import Report
from safety.types import ReportReason
from tests.accounts.actors import PrincipalOf
from tests.mentors.conftest import make_mentor
from tests.safety.conftest import FileReport, somebody

pytestmark = pytest.mark.django_db


def told() -> list[tuple[Any, str]]:
    while dispatch():
        pass
    rows = Notification.objects.filter(type__startswith="safety.").order_by("id")
    return list(rows.values_list("user_id", "type"))


def test_take__open_or_taken__is_in_review_by_whoever_took_it_last(
    file: FileReport, support: User, support_lead: User
) -> None:
    report = file()
    for actor in (support, support_lead):
        services.take_report(actor_id=actor.pk, report_id=report.id)
        report.refresh_from_db()
        assert (report.status, report.reviewer_id) == ("in_review", actor.pk)
    assert AuditEntry.objects.filter(action="report.taken").count() == 2


def test_dismiss__with_a_reason__tells_the_reporter_alone(file: FileReport, support: User, listing: Listing) -> None:
    report = file()
    services.dismiss_report(actor_id=support.pk, report_id=report.id, reason="Within the rules.")

    report.refresh_from_db()
    assert (report.status, report.decision, report.reviewer_id) == ("dismissed", "Within the rules.", support.pk)
    assert told() == [(report.reporter_id, "safety.report.dismissed")]
    listing.refresh_from_db()
    assert listing.status == "open"


def test_act__on_one_report__decides_all_of_the_subject_and_removes_it(
    file: FileReport, support: User, listing: Listing
) -> None:
    first, second = file(), file(actor=somebody(), reason=ReportReason.SPAM)
    services.take_report(actor_id=support.pk, report_id=second.id)
    elsewhere = file(subject_type="user", subject_id=listing.owner_id)

    services.act_on_report(actor_id=support.pk, report_id=first.id, reason="It asks for money first.")

    assert sorted(Report.objects.values_list("id", "status")) == [
        (first.id, "actioned"), (second.id, "actioned"), (elsewhere.id, "open"),
    ]  # fmt: skip
    listing.refresh_from_db()
    assert (listing.status, listing.removal_reason) == ("removed", "It asks for money first.")
    assert sorted(told()) == sorted(
        [
            (first.reporter_id, "safety.report.actioned"),
            (second.reporter_id, "safety.report.actioned"),
            (listing.owner_id, "safety.subject.removed"),
        ]
    )
    assert AuditEntry.objects.get(action="listing.removed").user_id == support.pk


def test_act__on_what_was_removed_before__is_a_decision_all_the_same(
    file: FileReport, support: User, listing: Listing
) -> None:
    report = file()
    explorer.remove_listing(actor_id=support.pk, listing_id=listing.id, reason="Fraud")

    services.act_on_report(actor_id=support.pk, report_id=report.id, reason="Fraud")

    report.refresh_from_db()
    assert report.status == "actioned"


def test_act__on_a_mentor__takes_a_support_lead(
    visitor: Principal, other_freelancer: User, support: User, support_lead: User
) -> None:
    mentor = make_mentor(other_freelancer)
    report, _ = services.file_report(
        actor=visitor, subject_type="mentor", subject_id=mentor.id, reason=ReportReason.HARASSMENT
    )

    with pytest.raises(NotYours):
        services.act_on_report(actor_id=support.pk, report_id=report.id, reason="Insults")
    assert Mentor.objects.get().status == "approved"
    services.act_on_report(actor_id=support_lead.pk, report_id=report.id, reason="Insults")
    assert Mentor.objects.get().status == "suspended"


def test_act__on_a_person__suspends_them_and_ends_their_sessions(
    file: FileReport, buyer: User, support: User, support_lead: User
) -> None:
    report = file(subject_type="user", subject_id=buyer.pk)

    with pytest.raises(NotYours):
        services.act_on_report(actor_id=support.pk, report_id=report.id, reason="Threats")
    services.act_on_report(actor_id=support_lead.pk, report_id=report.id, reason="Threats")

    buyer.refresh_from_db()
    assert not buyer.is_active


def test_decided__once__is_decided(file: FileReport, support: User) -> None:
    report = file()
    services.dismiss_report(actor_id=support.pk, report_id=report.id, reason="No")

    for again in (services.dismiss_report, services.act_on_report):
        with pytest.raises(InvalidReportState):
            again(actor_id=support.pk, report_id=report.id, reason="Yes")
    with pytest.raises(InvalidReportState):
        services.take_report(actor_id=support.pk, report_id=report.id)
    assert OutboxEvent.objects.filter(name="safety.report.decided").count() == 1


def test_decide__ones_own_report_or_one_of_oneself__is_somebody_elses(
    file: FileReport, support: User, support_lead: User, principal_of: PrincipalOf
) -> None:
    filed = file(actor=principal_of(support))
    about = file(subject_type="user", subject_id=support.pk)

    for report in (filed, about):
        for decide in (services.dismiss_report, services.act_on_report):
            with pytest.raises(OwnReport):
                decide(actor_id=support.pk, report_id=report.id, reason="Nothing to see here.")
        services.dismiss_report(actor_id=support_lead.pk, report_id=report.id, reason="Within the rules.")


def test_act__on_a_type_that_nobody_declares_any_more__is_refused(file: FileReport, support: User) -> None:
    report = file()
    Report.objects.update(subject_type="tree")

    with pytest.raises(NothingToRemove):
        services.act_on_report(actor_id=support.pk, report_id=report.id, reason="Falls over")


def request_of(user: User, **sent: str) -> Any:
    request: Any = RequestFactory().post("/", sent)
    request.user, request.session = user, {}
    request._messages = FallbackStorage(request)
    return request


def screen() -> Any:
    return admin.site._registry[Report]


def test_screen__of_support__is_a_queue_to_act_on_and_not_to_edit(support: User, marketer: User) -> None:
    assert screen().get_model_perms(request_of(support)) == {
        "add": False, "change": False, "delete": False, "view": True,
    }  # fmt: skip
    assert set(screen().get_actions(request_of(support))) == {"take", "dismiss", "act"}
    assert not screen().has_module_permission(request_of(marketer))
    assert screen().get_actions(request_of(marketer)) == {}


def test_screen__actions__decide_and_say_what_is_not_possible(file: FileReport, support: User) -> None:
    first, second = file(), file(actor=somebody())
    request = request_of(support)
    screen().take(request, Report.objects.filter(id=first.id))
    screen().dismiss(request, Report.objects.filter(id=first.id))
    assert [str(message) for message in request._messages] == [
        "fraud: listing Python developer: Say why: it is recorded, and people are told."
    ]

    request = request_of(support, reason="Fraud, indeed.")
    screen().act(request, Report.objects.all())
    assert list(request._messages) == []
    assert set(Report.objects.values_list("id", "status", "decision")) == {
        (first.id, "actioned", "Fraud, indeed."), (second.id, "actioned", "Fraud, indeed."),
    }  # fmt: skip


def test_screen__a_report_of_a_day__is_overdue_and_stands_first(file: FileReport, support_lead: User) -> None:
    fresh, old = file(), file(actor=somebody())
    Report.objects.filter(id=old.id).update(created_at=timezone.now() - timedelta(hours=25))
    rows = screen().get_queryset(request_of(support_lead)).order_by(*screen().ordering)

    assert [row.id for row in rows] == [old.id, fresh.id]
    assert screen().age(rows[0]) == '<strong style="color: #ba2121">25.0 h</strong>'
    assert screen().age(rows[1]) == "0.0 h"
    assert (selectors.waiting_reports(), selectors.overdue_reports()) == (2, 1)


def test_screen__in_a_browser__shows_what_waits_and_takes_a_reason(file: FileReport, support: User) -> None:
    report = file(message="Asks for money first.")
    browser = Client()
    browser.force_login(support)
    queue = reverse("admin:safety_report_changelist")

    page = browser.get(queue)
    assert page.status_code == 200
    for shown in ("Asks for money first.", "Reason, as people are told it:", "Waiting"):
        assert shown in page.content.decode()
    sent = {"action": "dismiss", "_selected_action": str(report.id), "reason": "Within the rules."}
    assert browser.post(queue, sent).status_code == 302
    report.refresh_from_db()
    assert (report.status, report.decision) == ("dismissed", "Within the rules.")
    assert "Asks for money first." not in browser.get(queue).content.decode()
    assert "Asks for money first." in browser.get(f"{queue}?queue=decided").content.decode()
    assert browser.get(f"{queue}?queue=overdue").status_code == browser.get(f"{queue}?queue=all").status_code == 200
    assert browser.get(reverse("admin:safety_report_change", args=[report.id])).status_code == 200
