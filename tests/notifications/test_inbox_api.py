"""The inbox: whole bodies, refusals, and what strangers see of it."""

from unittest.mock import ANY

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.db.ids import uuid7
from notifications.models import Notification
from tests.accounts.actors import SignedInClient
from tests.notifications.conftest import payout_paid, reminder_due, tell

pytestmark = pytest.mark.django_db

INBOX, COUNT, ALL_READ = (f"/v1/notifications{rest}" for rest in ("", "/unread-count", "/mark-all-read"))


def test_list__one_told__is_whole(clock: time_machine.Traveller, client: SignedInClient, reader: User) -> None:
    event = payout_paid(reader)
    told = tell(event)

    answer = client.get(INBOX)

    here = f"{INBOX}/{told.id}"
    assert answer.json() == {
        "data": [
            {
                "id": str(told.id), "type": "finance.payout.paid", "category": "finance", "title": "Paid out: $420.00",
                "message": "$420.00 were sent to your bank account.",
                "metadata": {"amount": 42_000, "currency": "USD"},
                "deep_link": f"{settings.PUBLIC_BASE_URL}/l/finance/payouts/{event.aggregate_id}",
                "read": False, "delivered": False, "created_at": "2026-11-20T12:00:00Z", "read_at": None,
                "_links": {
                    "self": {"href": here, "method": "GET"},
                    "read": {"href": f"{here}/read", "method": "PUT"},
                },
            }
        ],
        "page": {"next": None, "previous": None, "limit": 25},
        "_links": ANY,
    }  # fmt: skip
    assert client.get(here).json() == answer.json()["data"][0]


def test_read__first_and_second_time__the_first_counts(
    clock: time_machine.Traveller, client: SignedInClient, reader: User
) -> None:
    told = tell(payout_paid(reader))

    first = client.put(f"{INBOX}/{told.id}/read")
    clock.shift(60)
    second = client.put(f"{INBOX}/{told.id}/read")

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    shown = first.json()
    assert (shown["read"], shown["delivered"], shown["read_at"]) == (True, True, "2026-11-20T12:00:00Z")
    assert set(shown["_links"]) == {"self"}


def test_mark_all_read__some_unread__reads_them_and_no_stranger_s(
    client: SignedInClient, other: SignedInClient, reader: User, other_freelancer: User
) -> None:
    for _ in range(3):
        tell(payout_paid(reader))
    tell(payout_paid(other_freelancer))
    assert client.get(COUNT).json() == {"unread_count": 3}

    answer = client.post(ALL_READ)

    assert (answer.status_code, answer.json()) == (200, {"message": "All notifications are marked as read."})
    assert client.get(COUNT).json() == {"unread_count": 0}
    assert other.get(COUNT).json() == {"unread_count": 1}
    assert client.post(ALL_READ).status_code == 200


def test_unread_count__many__costs_one_query_of_the_inbox(client: SignedInClient, reader: User) -> None:
    for _ in range(5):
        tell(payout_paid(reader))
    client.get(COUNT)

    with CaptureQueriesContext(connection) as asked:
        assert client.get(COUNT).json() == {"unread_count": 5}

    assert len([query for query in asked if "notifications_notification" in query["sql"]]) == 1


def test_list__filtered__by_category_and_unread(client: SignedInClient, reader: User) -> None:
    paid, due = tell(payout_paid(reader)), tell(reminder_due(reader))
    client.put(f"{INBOX}/{paid.id}/read")

    def found(query: str) -> list[str]:
        return [row["id"] for row in client.get(f"{INBOX}?{query}").json()["data"]]

    assert found("") == [str(due.id), str(paid.id)]
    assert found("unread=true") == [str(due.id)]
    assert found("unread=false") == [str(paid.id)]
    assert found("category=finance") == [str(paid.id)]
    assert found("category=finance&category=calendar&unread=true") == [str(due.id)]
    assert client.get(f"{INBOX}?category=gossip").status_code == 422
    assert client.get(f"{INBOX}?colour=red").status_code == 422


def test_list__pages__hold_each_once(client: SignedInClient, reader: User) -> None:
    expected = [str(tell(payout_paid(reader)).id) for _ in range(5)][::-1]

    first = client.get(f"{INBOX}?limit=3").json()
    second = client.get(f"{INBOX}?limit=3&cursor={first['page']['next']}").json()

    assert [row["id"] for page in (first, second) for row in page["data"]] == expected


def test_list__unchanged__is_not_sent_again(client: SignedInClient, reader: User) -> None:
    tell(payout_paid(reader))
    tag = client.get(INBOX)["ETag"]

    assert client.get(INBOX, HTTP_IF_NONE_MATCH=tag).status_code == 304
    tell(payout_paid(reader))
    assert client.get(INBOX, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_notification__of_somebody_else__is_not_there(client: SignedInClient, other_freelancer: User) -> None:
    told = tell(payout_paid(other_freelancer))

    for answer in (client.get(f"{INBOX}/{told.id}"), client.put(f"{INBOX}/{told.id}/read")):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert client.put(f"{INBOX}/{uuid7()}/read").status_code == 404
    assert client.get(INBOX).json()["data"] == []
    assert Notification.objects.get(id=told.id).read_at is None


def test_bodies__with_anything_in_them__are_refused_where_none_belongs(client: SignedInClient, reader: User) -> None:
    assert client.post(INBOX, {}, format="json").status_code == 405
    assert client.delete(f"{INBOX}/{tell(payout_paid(reader)).id}").status_code == 405
