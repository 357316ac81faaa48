"""A copy of everything about oneself: asked for, made row after row, downloaded once."""

import io
import json
from datetime import timedelta
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.core.files.storage import storages
from django.utils import timezone

from access.models import AuditEntry
from accounts.models import DeviceSession, User
from core import background_files
from core.background_files import Maker
from core.contributions.privacy import personal_data
from core.db.ids import uuid7
from events import services as events
from privacy import archive, shredder
from privacy.models import Export, PrivacyRequest
from privacy.services import exports
from tests.accounts.actors import SignedInClient, SignIn
from tests.privacy.conftest import Erase

pytestmark = pytest.mark.django_db
EVENT = {"title": "Review", "starts_at": "2026-12-01T09:00:00Z", "ends_at": "2026-12-01T10:00:00Z"}


def ask(client: SignedInClient) -> str:
    answer = client.post("/v1/privacy/exports")
    assert answer.status_code == 202, answer.content
    return str(answer.json()["id"])


def made(client: SignedInClient) -> str:
    export_id = ask(client)
    assert exports.make_due() == 1
    return export_id


def fetched(client: SignedInClient, export_id: str) -> Any:
    return client.get(f"/v1/privacy/exports/{export_id}/download")


def unzipped(answer: Any) -> dict[str, Any]:
    with ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as found:
        assert found.testzip() is None
        return {name: json.loads(found.read(name)) for name in found.namelist()}


def test_export__asked_for__is_queued_once(client: SignedInClient) -> None:
    answer = client.post("/v1/privacy/exports")

    export = Export.objects.get()
    assert (answer.status_code, answer.json()) == (
        202,
        {
            "id": str(export.id),
            "status": "queued",
            "progress": 0,
            "size": 0,
            "created_at": answer.json()["created_at"],
            "ready_at": None,
            "expires_at": None,
            "downloaded_at": None,
            "_links": {"self": {"href": f"/v1/privacy/exports/{export.id}", "method": "GET"}},
        },
    )
    assert ask(client) == str(export.id)
    assert PrivacyRequest.objects.values_list("kind", "status").get() == ("access", "open")
    early = fetched(client, str(export.id))
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")


def test_export__made__holds_every_collection_and_says_what_it_leaves_out(
    client: SignedInClient, other: SignedInClient, freelancer: User
) -> None:
    for each in (client, other):
        assert each.post("/v1/calendar/events", EVENT, format="json").status_code == 201
    export_id = made(client)

    shown = client.get(f"/v1/privacy/exports/{export_id}").json()
    assert (shown["status"], shown["progress"]) == ("ready", 100)
    assert shown["_links"]["download"]["href"] == f"/v1/privacy/exports/{export_id}/download"
    answer = fetched(client, export_id)
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    found = unzipped(answer)

    collections = {each.collection: each for each in personal_data()}
    exported = {f"{name}.json" for name, each in collections.items() if not each.not_exported}
    assert set(found) == exported | {"manifest.json"}
    assert [event["title"] for event in found["calendar_events.json"]] == ["Review"]
    [account] = found["account.json"]
    assert (account["email"], account["id"]) == (freelancer.email, str(freelancer.id))
    assert not {"password", "security_version"} & set(account)
    assert found["roles.json"][0]["group__name"] == "freelancer"
    manifest = found["manifest.json"]
    assert (manifest["schema"], manifest["account"]) == (1, str(freelancer.id))
    assert {each["name"] for each in manifest["collections"]} | {each["name"] for each in manifest["left_out"]} == set(
        collections
    )
    assert all(each["why"] for each in manifest["left_out"])
    events_told = next(each for each in manifest["collections"] if each["name"] == "calendar_events")
    assert events_told["rows"] == 1
    assert events_told["recipients"]


def test_export__ready__is_told_by_mail_without_a_secret(client: SignedInClient, freelancer: User) -> None:
    export_id = made(client)
    events.dispatch()

    told = mail.outbox[-1]
    assert (told.to, told.subject) == ([freelancer.email], "Your Gigvora data is ready")
    assert export_id not in told.body
    assert PrivacyRequest.objects.get().status == "done"


def test_export__downloaded_twice__is_gone(client: SignedInClient) -> None:
    export_id = made(client)

    assert fetched(client, export_id).status_code == 200
    again = fetched(client, export_id)

    assert (again.status_code, again.json()["code"]) == (410, "export_gone")
    assert client.get(f"/v1/privacy/exports/{export_id}").json()["status"] == "spent"
    assert AuditEntry.objects.filter(action="export.downloaded", target_id=export_id).count() == 1


def test_export__of_somebody_else__is_not_there(client: SignedInClient, other: SignedInClient) -> None:
    export_id = made(client)

    assert fetched(other, export_id).status_code == 404
    assert other.get(f"/v1/privacy/exports/{export_id}").status_code == 404
    assert other.get("/v1/privacy/exports").json()["data"] == []
    assert fetched(client, str(uuid7())).status_code == 404


def test_export__downloaded_long_after_signing_in__asks_to_prove_who_it_is(sign_in: SignIn, freelancer: User) -> None:
    client = sign_in(freelancer)
    export_id = made(client)
    DeviceSession.objects.update(proved_at=timezone.now() - timedelta(hours=1))

    cache.clear()
    refused = fetched(client, export_id)

    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert Export.objects.get().status == "ready"


def test_export__a_week_later__has_expired_and_its_file_is_deleted(client: SignedInClient) -> None:
    export_id = made(client)
    file = Export.objects.get().file
    assert storages["private"].exists(file)

    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert exports.clear_away() == 1
        assert exports.clear_away() == 0

    assert not storages["private"].exists(file)
    shown = client.get(f"/v1/privacy/exports/{export_id}").json()
    assert shown["status"] == "expired"
    assert "download" not in shown["_links"]
    assert fetched(client, export_id).status_code == 410


def test_export__downloaded__loses_its_file_within_the_hour(client: SignedInClient) -> None:
    fetched(client, made(client))
    file = Export.objects.get().file

    with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1)):
        assert exports.clear_away() == 1

    assert not storages["private"].exists(file)
    assert Export.objects.get().status == "spent"


def test_export__its_maker_killed__is_made_anew_and_leaves_no_second_file(
    client: SignedInClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = ask(client)
    write = archive.write

    def die(*args: Any, **given: Any) -> Any:
        write(*args, **given)
        raise SystemExit

    monkeypatch.setattr(archive, "write", die)
    with pytest.raises(SystemExit):
        exports.make_due()
    assert exports.make_due() == 0  # the lease of the dead one still holds
    monkeypatch.setattr(archive, "write", write)
    with time_machine.travel(timezone.now() + background_files.LEASE):
        assert exports.make_due() == 1

    export = Export.objects.get()
    assert (str(export.id), export.status, export.attempts) == (export_id, "ready", 2)
    assert storages["private"].listdir("exports")[1] == [f"{export_id}-2.zip"]


def test_export__its_maker_killed_with_the_file_stored__leaves_nothing_after_the_erasure(
    client: SignedInClient, erase: Erase, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client)

    def die(*args: Any, **given: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(Maker, "_finish", die)
        with pytest.raises(SystemExit):
            exports.make_due()
    assert len(storages["private"].listdir("exports")[1]) == 1

    erase(client)

    assert storages["private"].listdir("exports")[1] == []


def test_export__its_maker_overtaken__throws_its_own_away(
    client: SignedInClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client)
    write = archive.write

    def be_overtaken(*args: Any, **given: Any) -> Any:
        found = write(*args, **given)
        Export.objects.update(attempts=7)
        return found

    monkeypatch.setattr(archive, "write", be_overtaken)
    exports.make_due()

    assert Export.objects.get().status == "running"
    assert storages["private"].listdir("exports")[1] == []


def test_export__that_fails_again_and_again__is_given_up(
    client: SignedInClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client)

    def fail(*args: Any, **given: Any) -> Any:
        raise OSError("disk full")

    monkeypatch.setattr(archive, "write", fail)
    for attempt in range(background_files.MAX_ATTEMPTS + 1):
        with time_machine.travel(timezone.now() + (attempt + 1) * background_files.LEASE):
            exports.make_due()

    assert Export.objects.get().status == "failed"
    assert ask(client)  # and may be asked for anew


def test_archive__of_many_rows__is_written_in_batches(
    client: SignedInClient, freelancer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shredder.batches, "__defaults__", (2,))
    for day in range(1, 6):
        event = {**EVENT, "starts_at": f"2026-12-0{day}T09:00:00Z", "ends_at": f"2026-12-0{day}T10:00:00Z"}
        assert client.post("/v1/calendar/events", event, format="json").status_code == 201
    shares: list[float] = []
    target = io.BytesIO()

    counts = archive.write(target, user_id=UUID(str(freelancer.id)), progress=shares.append)

    assert counts["calendar_events"] == 5
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with ZipFile(target) as found:
        assert len(json.loads(found.read("calendar_events.json"))) == 5
