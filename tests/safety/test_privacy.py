"""What becomes of reports and blocks when people leave or time passes; demo data is there once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from access.types import Principal
from accounts.demo import seed_demo_accounts
from accounts.models import User
from core.contributions.privacy import personal_data
from core.contributions.safety import Subject, find_reportable, reportable, reportable_types
from events.models import OutboxEvent
from privacy.services.ageing import let_age
from safety import services
from safety.demo import seed_demo_reports
from safety.models import Block, Report
from tests.safety.conftest import FileReport, somebody

pytestmark = pytest.mark.django_db


def test_forgetting__the_reporter_or_the_owner__blanks_the_words_of_each_alone(
    file: FileReport, visitor: Principal, owner: Principal
) -> None:
    report = file(message="Asks for money first.")

    assert services.forget_reports(visitor.user_id) == 1
    report.refresh_from_db()
    assert (report.message, report.subject_title) == ("", "Python developer")
    services.forget_reports(owner.user_id)
    services.forget_reports(owner.user_id)
    report.refresh_from_db()
    assert (report.subject_title, report.status, report.decision) == ("", "dismissed", "The account was closed.")


def test_forgetting__whom_reports_are_about__leaves_no_word_of_them_and_nothing_to_decide(
    file: FileReport, owner: Principal, support: User
) -> None:
    decided, taken, waiting = (file(actor=somebody(), message="Zyxomma cheated me.") for _ in range(3))
    elsewhere = file(actor=owner, subject_type="user", subject_id=somebody().user_id, message="Rude.")
    services.dismiss_report(actor_id=support.pk, report_id=decided.id, reason="Zyxomma did nothing wrong.")
    services.take_report(actor_id=support.pk, report_id=taken.id)

    for _ in range(2):
        services.forget_reports(owner.user_id)

    about = Report.objects.filter(subject_owner_id=owner.user_id)
    assert set(about.values_list("message", "subject_title")) == {("", "")}
    assert dict(about.values_list("id", "decision")) == {
        decided.id: "", taken.id: "The account was closed.", waiting.id: "The account was closed.",
    }  # fmt: skip
    assert not about.waiting().exists()
    told = OutboxEvent.objects.filter(name="safety.report.decided")
    assert sorted(told.values_list("aggregate_id", flat=True)) == sorted([decided.id, taken.id, waiting.id])
    elsewhere.refresh_from_db()
    assert (elsewhere.message, elsewhere.status) == ("", "open")


def test_ageing__a_year_after_the_decision__deletes_and_leaves_what_waits(file: FileReport, support: User) -> None:
    old, recent, waiting = file(), file(actor=somebody()), file(actor=somebody())
    for report in (old, recent):
        services.dismiss_report(actor_id=support.pk, report_id=report.id, reason="Within the rules.")
    Report.objects.filter(id=old.id).update(decided_at=timezone.now() - timedelta(days=366))
    Report.objects.filter(id=waiting.id).update(created_at=timezone.now() - timedelta(days=500))

    let_age()

    assert set(Report.objects.values_list("id", flat=True)) == {recent.id, waiting.id}


def test_blocks__of_a_person__are_exported_if_they_set_them_and_go_with_either_account(
    visitor: Principal, owner: Principal
) -> None:
    services.block_user(actor=owner, user_id=visitor.user_id)
    blocks = next(each for each in personal_data() if each.collection == "blocks")

    assert not Block.objects.filter(blocks.of(visitor.user_id)).exists()
    assert Block.objects.filter(blocks.of(owner.user_id)).exists()
    assert services.forget_blocks(visitor.user_id) == 1
    assert not Block.objects.exists()


def test_declarations__of_subjects__are_known_and_refuse_doubles() -> None:
    def find(principal: Any, subject_id: Any) -> Subject | None:
        return None

    assert reportable_types() == ("listing", "mentor", "user")
    with pytest.raises(ValueError, match="Two apps have subjects of the type 'listing'"):
        reportable("listing", find=find)
    with pytest.raises(ValueError, match="Removing a 'tree' needs a staff scope"):
        reportable("tree", find=find, remove=lambda actor_id, subject_id, reason: None)
    assert find_reportable("tree") is None


def test_demo__seeded_twice__is_there_once() -> None:
    for seed in (seed_demo_accounts, seed_demo_reports, seed_demo_reports):
        seed(lambda share: None)

    assert Report.objects.get().status == "open"
