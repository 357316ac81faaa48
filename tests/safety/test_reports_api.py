"""Reports as clients send and see them."""

from typing import Any
from uuid import UUID

import pytest

from access.models import AuditEntry
from access.types import Principal
from accounts.models import User
from core.db.ids import uuid7
from core.testing.queries import counted_queries
from events.models import OutboxEvent
from explorer import services as explorer
from explorer.models import Listing
from explorer.types import Category, ListingStatus
from safety import services
from safety.models import Report
from safety.types import ReportReason
from tests.accounts.actors import SignedInClient
from tests.safety.conftest import FileReport, somebody

pytestmark = pytest.mark.django_db

REPORTS = "/v1/reports"


def sent(subject: str, subject_id: UUID, **given: Any) -> dict[str, Any]:
    return {"subject_type": subject, "subject_id": str(subject_id), "reason": "fraud", **given}


def test_report__of_a_listing__is_filed_told_and_on_record(client: SignedInClient, listing: Listing) -> None:
    answer = client.post(REPORTS, sent("listing", listing.id, message="Asks for money first."), format="json")

    assert answer.status_code == 201, answer.content
    body = answer.json()
    here = f"{REPORTS}/{body['id']}"
    assert answer["Location"] == here
    assert body == {
        "id": body["id"],
        "subject_type": "listing",
        "subject_id": str(listing.id),
        "subject_title": "Python developer",
        "reason": "fraud",
        "message": "Asks for money first.",
        "status": "open",
        "decision": "",
        "decided_at": None,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
        "_links": {"self": {"href": here, "method": "GET"}},
    }
    assert client.get(here).json() == body
    assert client.get(REPORTS).json()["data"] == [body]
    event = OutboxEvent.objects.get(name="safety.report.filed")
    assert (str(event.aggregate_id), event.payload["reason"]) == (body["id"], "fraud")
    entry = AuditEntry.objects.get(action="report.filed")
    assert (entry.target_type, entry.target_id) == ("listing", str(listing.id))


def test_report__sent_again__is_the_one_that_waits(client: SignedInClient, listing: Listing) -> None:
    first = client.post(REPORTS, sent("listing", listing.id), format="json")
    again = client.post(REPORTS, sent("listing", listing.id, reason="spam", message="Still"), format="json")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert OutboxEvent.objects.filter(name="safety.report.filed").count() == 1


def test_report__after_the_decision__can_be_filed_anew(
    client: SignedInClient, listing: Listing, file: FileReport, support: User
) -> None:
    services.dismiss_report(actor_id=support.pk, report_id=file().id, reason="Within the rules.")

    assert client.post(REPORTS, sent("listing", listing.id), format="json").status_code == 201
    assert [each["status"] for each in client.get(REPORTS).json()["data"]] == ["open", "dismissed"]
    assert [each["decision"] for each in client.get(f"{REPORTS}?status=dismissed").json()["data"]] == [
        "Within the rules."
    ]


def test_report__of_a_person__tells_no_name(client: SignedInClient, buyer: User) -> None:
    answer = client.post(REPORTS, sent("user", buyer.pk), format="json")

    assert (answer.status_code, answer.json()["subject_title"]) == (201, "")
    assert buyer.full_name not in answer.content.decode()


@pytest.mark.parametrize("subject", ["listing", "mentor", "user"])
def test_report__of_what_is_not_there__is_404(client: SignedInClient, subject: str) -> None:
    answer = client.post(REPORTS, sent(subject, uuid7()), format="json")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Report.objects.exists()


def test_report__of_a_draft_of_somebody_else__is_404_like_nothing(client: SignedInClient, owner: Principal) -> None:
    draft = explorer.create_listing(actor=owner, category=Category.JOB, title="Soon", status=ListingStatus.DRAFT)

    assert client.post(REPORTS, sent("listing", draft.id), format="json").status_code == 404


def test_report__of_ones_own__is_refused(owners: SignedInClient, listing: Listing, buyer: User) -> None:
    for subject, subject_id in (("listing", listing.id), ("user", buyer.pk)):
        answer = owners.post(REPORTS, sent(subject, subject_id), format="json")
        assert (answer.status_code, answer.json()["code"]) == (422, "own_subject")


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"reason": "ugly"}, "/reason"),
        ({"subject_type": "tree"}, "/subject_type"),
        ({"message": "x" * 2001}, "/message"),
        ({"message": "turned \u202e around"}, "/message"),
        ({"subject_id": "1"}, "/subject_id"),
        ({"status": "actioned"}, "/status"),
        ({"reporter": str(UUID(int=1))}, "/reporter"),
    ],
)
def test_report__with_a_wrong_value__is_refused(
    client: SignedInClient, listing: Listing, given: dict[str, Any], pointer: str
) -> None:
    answer = client.post(REPORTS, {**sent("listing", listing.id), **given}, format="json")

    assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, [pointer])
    assert not Report.objects.exists()


def test_report__of_somebody_else__is_404_and_in_no_list(owners: SignedInClient, file: FileReport) -> None:
    report = file()

    assert owners.get(f"{REPORTS}/{report.id}").status_code == 404
    assert owners.get(REPORTS).json()["data"] == []


def test_report__thirty_within_the_hour__is_enough(client: SignedInClient, listing: Listing, settings: Any) -> None:
    settings.RATE_LIMIT_SCALE = 1
    answers = [client.post(REPORTS, sent("listing", listing.id), format="json") for _ in range(31)]

    assert [answer.status_code for answer in answers] == [201, *[200] * 29, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_report__with_the_same_key__happens_once(client: SignedInClient, listing: Listing) -> None:
    answers = [
        client.post(REPORTS, sent("listing", listing.id), format="json", HTTP_IDEMPOTENCY_KEY="report-1")
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1]["Idempotent-Replayed"] == "true"


def test_list__one_report_or_twenty__asks_as_often_and_changes_its_tag(
    client: SignedInClient, visitor: Principal, file: FileReport
) -> None:
    file()
    client.get(REPORTS)
    with counted_queries() as few:
        before = client.get(REPORTS)
    for _ in range(19):
        services.file_report(
            actor=visitor, subject_type="user", subject_id=somebody().user_id, reason=ReportReason.SPAM
        )
    with counted_queries() as many:
        after = client.get(REPORTS)

    assert len(after.json()["data"]) == 20
    assert len(few) == len(many), f"{few}\n{many}"
    assert before["ETag"] != after["ETag"]
    assert client.get(REPORTS, HTTP_IF_NONE_MATCH=after["ETag"]).status_code == 304
