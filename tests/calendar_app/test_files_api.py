"""Calendar files over HTTP: out, in, and under a secret address."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from access.types import Principal
from calendar_app.models import Event, Subscription
from tests.accounts.actors import SignedInClient
from tests.calendar_app.conftest import MakeEvent
from tests.calendar_app.corpus import calendar_file

SURFACES = pytest.mark.parametrize("root", ["/v1/calendar", "/api/calendar"])


@pytest.fixture
def actor(client: SignedInClient) -> Principal:
    return client.principal


def send(client: SignedInClient, data: bytes, address: str = "/v1/calendar/import") -> Any:
    return client.post(address, data, content_type="text/calendar")


@SURFACES
@pytest.mark.parametrize("accept", ["*/*", "text/calendar", "application/json"])
def test_export__own_events__is_a_calendar_with_a_tag(
    client: SignedInClient, actor: Principal, make_event: MakeEvent, root: str, accept: str
) -> None:
    make_event(title="Out")

    answer = client.get(f"{root}/export.ics", HTTP_ACCEPT=accept)

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert b"SUMMARY:Out\r\n" in answer.content
    again = client.get(f"{root}/export.ics", HTTP_ACCEPT=accept, HTTP_IF_NONE_MATCH=answer["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    outside = client.get(f"{root}/export.ics?from=2020-01-01&to=2020-02-01", HTTP_ACCEPT=accept)
    assert b"VEVENT" not in outside.content


def test_export__bad_window__is_a_problem(client: SignedInClient) -> None:
    answer = client.get("/v1/calendar/export.ics?from=x&to=y", HTTP_ACCEPT="text/calendar")

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


def test_import__file_in_the_body__reports_each_event(client: SignedInClient) -> None:
    answer = send(client, calendar_file("issue_163_deleted_modification.ics"))

    assert answer.status_code == 200
    report = answer.json()
    assert report["counts"] == {"taken": 2, "updated": 0, "unchanged": 0, "changed": 0, "refused": 1}
    ids = [str(public_id) for public_id in Event.objects.order_by("original_start").values_list("public_id", flat=True)]
    refused = [each for each in report["events"] if each["outcome"] == "refused"]
    assert sorted(each["event_id"] for each in report["events"] if each["event_id"]) == sorted(ids)
    assert [(each["event_id"], each["reason"]) for each in refused] == [
        (None, "The file holds this event more than once.")
    ]


def test_import__uploaded_form__is_taken_too(client: SignedInClient) -> None:
    file = SimpleUploadedFile("mine.ics", calendar_file("three_events.ics"), "text/calendar")

    answer = client.post("/api/calendar/import", {"file": file}, format="multipart")

    assert (answer.status_code, answer.json()["counts"]["taken"]) == (200, 1)
    assert "eventId" in answer.json()["events"][0]


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"hello", "text/calendar", 422, "invalid_calendar_file"),
        (b"x" * 5_000_001, "text/calendar", 413, "payload_too_large"),
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (b"--b\r\n\r\n--b--", "multipart/form-data; boundary=b", 422, "validation_failed"),
    ],
)
def test_import__no_calendar__is_refused(
    client: SignedInClient, data: bytes, content_type: str, status: int, code: str
) -> None:
    answer = client.post("/v1/calendar/import", data, content_type=content_type)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Event.objects.exists()


def test_subscription__made_read_and_revoked__shows_the_calendar_to_whoever_has_the_address(
    client: SignedInClient, other: SignedInClient, actor: Principal, make_event: MakeEvent
) -> None:
    make_event(title="Fed")
    made = client.post("/v1/calendar/subscription")
    assert made.status_code == 201
    path, anybody = urlsplit(made.json()["url"]).path, APIClient()
    token = path.rpartition("/")[2].removesuffix(".ics")

    fed = anybody.get(path)
    assert (fed.status_code, b"SUMMARY:Fed" in fed.content) == (200, True)
    unchanged = anybody.get(path, HTTP_IF_NONE_MATCH=fed["ETag"])
    assert unchanged.status_code == 304
    answers = [fed, unchanged, anybody.get(path), anybody.get(path)]
    assert {answer["Cache-Control"] for answer in answers} == {"private, max-age=300"}
    make_event(title="Later")
    assert b"SUMMARY:Later" in anybody.get(path, HTTP_IF_NONE_MATCH=fed["ETag"]).content

    assert "url" not in client.get("/v1/calendar/subscription").json()
    assert not Subscription.objects.filter(token_digest__contains=token).exists()
    assert other.get("/v1/calendar/subscription").status_code == 404
    assert other.delete("/v1/calendar/subscription").status_code == 204
    assert anybody.get(path).status_code == 200
    assert client.delete("/v1/calendar/subscription").status_code == 204
    assert (anybody.get(path).status_code, client.get("/v1/calendar/subscription").status_code) == (404, 404)


def test_feed__of_somebody_suspended__is_404(client: SignedInClient, actor: Principal, api: APIClient) -> None:
    path = urlsplit(client.post("/v1/calendar/subscription").json()["url"]).path
    assert api.get(path).status_code == 200

    get_user_model().objects.filter(pk=actor.user_id).update(is_active=False)

    assert api.get(path).status_code == 404


def test_subscription__made_again__revokes_the_former(client: SignedInClient, api: APIClient) -> None:
    first, second = (urlsplit(client.post("/v1/calendar/subscription").json()["url"]).path for _ in range(2))

    assert (api.get(first).status_code, api.get(second).status_code) == (404, 200)


@pytest.mark.parametrize("token", ["x", "%00", "a" * 5000, "💥"])
def test_feed__guessed_address__is_404(api: APIClient, db: None, token: str) -> None:
    assert api.get(f"/v1/calendar/feeds/{token}.ics").status_code == 404


@pytest.mark.parametrize("address", ["events", "days", "export.ics", "subscription"])
def test_anonymous__anywhere__is_401(api: APIClient, db: None, address: str) -> None:
    assert api.get(f"/v1/calendar/{address}").status_code == 401
