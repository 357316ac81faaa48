"""Files of the ledger: asked for, made in the background, downloaded by links that are good for minutes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import ANY

import pytest
import time_machine
from django.utils import timezone

from access.models import AuditEntry
from accounts.models import Membership, User
from core import background_files, jobs
from core.db.ids import uuid7
from core.testing.jobs import CapturedJobs
from events import services as events
from events.models import OutboxEvent
from finance import selectors, statements
from finance.models import Account, LedgerExport
from finance.services import exports
from notifications.models import Notification
from tests.accounts.actors import SignedInClient, SignIn
from tests.finance.conftest import EVER, EXPORTS, ask, files, link_of, made, put
from tests.privacy.conftest import after_grace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


def test_export__asked_for__is_queued_and_rings(
    client: SignedInClient, wallet: Account, enqueued_jobs: CapturedJobs, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(EXPORTS, {"format": "csv", "from": "2026-11-01", "to": "2026-12-01"}, format="json")

    export = LedgerExport.objects.get()
    here = f"{EXPORTS}/{export.id}"
    assert (answer.status_code, answer["Location"]) == (202, here)
    assert answer.json() == {
        "id": str(export.id), "format": "csv", "from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z",
        "status": "queued", "progress": {"done": 0, "total": None}, "size": 0, "created_at": ANY, "ready_at": None,
        "expires_at": None, "_links": {"self": {"href": here, "method": "GET"}},
    }  # fmt: skip
    assert "finance.export" in enqueued_jobs.names
    assert client.get(EXPORTS).json()["data"] == [client.get(here).json()]


def test_export__shared_contract__is_in_camel_case(client: SignedInClient, wallet: Account) -> None:
    answer = client.post("/api/finance/exports", {"format": "csv", **EVER}, format="json")
    exports.make_due()

    shown = client.get(answer["Location"]).json()
    assert answer["Location"].startswith("/api/finance/exports/")
    assert (shown["status"], shown["progress"], "createdAt" in shown) == ("ready", {"done": 1, "total": 1}, True)
    href = shown["_links"]["download"]["href"]
    assert href.startswith("/api/finance/exports/")
    assert client.get(href).status_code == 200


def test_export__days_of_the_caller__begin_at_their_midnight(
    freelancer: User, sign_in: SignIn, wallet: Account
) -> None:
    User.objects.filter(id=freelancer.id).update(timezone="America/New_York")
    freelancer.refresh_from_db()

    body = {"format": "csv", "from": "2026-11-01", "to": "2026-11-02"}
    shown = sign_in(freelancer).post(EXPORTS, body, format="json").json()

    assert (shown["from"], shown["to"]) == ("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"format": "doc", **EVER}, "/format", "invalid_choice"),
        ({"format": "csv", "from": "2026-01-01"}, "/to", "required"),
        ({"format": "csv", "from": "2026-01-02", "to": "2026-01-02"}, "/to", "not_after_from"),
        ({"format": "csv", "from": "soon", "to": "2026-01-02"}, "/from", "invalid"),
        ({"format": "csv", **EVER, "workspace": "x"}, "/workspace", "unknown_field"),
    ],
)
def test_export__asked_for_wrongly__is_refused(
    client: SignedInClient, wallet: Account, body: dict[str, str], pointer: str, code: str
) -> None:
    answer = client.post(EXPORTS, body, format="json")

    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, pointer, code)
    assert not LedgerExport.objects.exists()


def test_export__sent_twice_with_one_key__is_one(client: SignedInClient, wallet: Account) -> None:
    answers = [
        client.post(EXPORTS, {"format": "csv", **EVER}, format="json", HTTP_IDEMPOTENCY_KEY="k1") for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert LedgerExport.objects.count() == 1


def test_export__ready__may_be_downloaded_and_is_told(client: SignedInClient, wallet: Account) -> None:
    export_id = ask(client)
    exports.make_due()

    href = link_of(client, export_id)
    answer: Any = client.get(href)

    assert href.startswith(f"{EXPORTS}/{export_id}/download?expires=")
    assert answer["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer["Content-Disposition"] == f'attachment; filename="gigvora-ledger-{export_id}.csv"'
    assert answer["Cache-Control"] == "no-store"
    assert AuditEntry.objects.filter(action="ledger_export.downloaded", target_id=export_id).count() == 1
    assert client.get(href).status_code == 200  # a phone that lost the answer asks again
    assert OutboxEvent.objects.filter(name="finance.export.ready", aggregate_id=export_id).count() == 1
    events.dispatch()
    assert Notification.objects.get(type="finance.export.ready").title == "Your CSV file is ready"


def test_export__unchanged__keeps_its_tag_though_its_link_is_signed(
    freelancer: User, sign_in: SignIn, wallet: Account
) -> None:
    now = datetime(2027, 11, 20, 12, 1, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        client = sign_in(freelancer)
        export_id = ask(client)
        exports.make_due()
        tag = client.get(f"{EXPORTS}/{export_id}")["ETag"]
    with time_machine.travel(now + timedelta(minutes=2), tick=False):
        assert client.get(f"{EXPORTS}/{export_id}", HTTP_IF_NONE_MATCH=tag).status_code == 304


def test_row_67__link_that_has_expired__is_gone(
    client: SignedInClient, freelancer: User, sign_in: SignIn, wallet: Account
) -> None:
    export_id = ask(client)
    exports.make_due()
    href = link_of(client, export_id)

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        fresh = sign_in(freelancer)
        answer = fresh.get(href)
        assert (answer.status_code, answer.json()["code"]) == (410, "export_link_gone")
        assert fresh.get(link_of(fresh, export_id)).status_code == 200


def test_row_67__file_that_has_expired__is_gone_before_it_is_deleted(client: SignedInClient, wallet: Account) -> None:
    export_id = ask(client)
    exports.make_due()
    href = link_of(client, export_id)

    LedgerExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answer, shown = client.get(href), client.get(f"{EXPORTS}/{export_id}").json()
    assert (answer.status_code, answer.json()["code"]) == (410, "export_link_gone")
    assert (shown["status"], list(shown["_links"])) == ("expired", ["self"])


def test_row_67__link_shared_with_somebody_else__opens_nothing(
    client: SignedInClient, other: SignedInClient, wallet: Account
) -> None:
    export_id = ask(client)
    exports.make_due()
    href = link_of(client, export_id)

    assert other.get(href).status_code == 404
    assert other.get(f"{EXPORTS}/{export_id}").status_code == 404
    assert other.get(EXPORTS).json()["data"] == []
    other.credentials()
    assert other.get(href).status_code == 401


def test_row_67__link_made_up__opens_nothing(client: SignedInClient, wallet: Account) -> None:
    export_id = ask(client)
    exports.make_due()
    path, _, query = link_of(client, export_id).partition("?")
    expires, signature = (part.partition("=")[2] for part in query.split("&"))

    for forged in (
        f"{path}?expires={int(expires) + 600}&signature={signature}",
        f"{path}?expires={expires}&signature={'0' * 64}",
        f"{path}?expires={expires}&signature=%C3%A9",
        f"{EXPORTS}/{uuid7()}/download?{query}",
    ):
        assert client.get(forged).status_code == 404, forged
    assert client.get(path).status_code == 422


def test_export__a_day_later__has_lost_its_file(client: SignedInClient, wallet: Account) -> None:
    made(client)
    assert len(files()) == 1

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        for _ in range(2):
            jobs.run("finance.clear_away")

    assert files() == []
    assert LedgerExport.objects.values_list("status", "file").get() == ("expired", "")


def test_export__job_run_twice__makes_one_file(client: SignedInClient, wallet: Account) -> None:
    export_id = ask(client)
    for _ in range(2):
        jobs.run("finance.export")

    assert files() == [f"{export_id}-1.csv"]
    assert OutboxEvent.objects.filter(name="finance.export.ready").count() == 1


@pytest.mark.parametrize("when", ["before the file is kept", "after the file is kept"])
def test_export__its_maker_killed__is_made_anew_and_leaves_no_second_file(
    client: SignedInClient, wallet: Account, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    export_id = ask(client)

    def die(*args: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(*((statements, "write", die) if when.startswith("before") else (exports, "_finish", die)))
        with pytest.raises(SystemExit):
            exports.make_due()
    assert client.get(f"{EXPORTS}/{export_id}").json()["status"] == "running"
    jobs.run("finance.export")  # the lease of the dead one still holds
    assert LedgerExport.objects.get().attempts == 1
    with time_machine.travel(timezone.now() + background_files.LEASE):
        jobs.run("finance.export")

    export = LedgerExport.objects.get()
    assert (export.status, export.attempts, export.done, export.total) == ("ready", 2, 1, 1)
    assert files() == [f"{export_id}-2.csv"]


def test_export__its_maker_overtaken__throws_its_own_away(
    client: SignedInClient, wallet: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client)
    write = statements.write

    def be_overtaken(*args: Any) -> None:
        write(*args)
        LedgerExport.objects.update(attempts=7)

    monkeypatch.setattr(statements, "write", be_overtaken)
    exports.make_due()

    assert LedgerExport.objects.get().status == "running"
    assert files() == []


def test_export__that_fails_again_and_again__is_given_up_and_leaves_nothing(
    client: SignedInClient, wallet: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = ask(client)

    def fail(*args: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(statements, "write", fail)
    for attempt in range(background_files.MAX_ATTEMPTS + 1):
        with time_machine.travel(timezone.now() + (attempt + 1) * background_files.LEASE):
            exports.make_due()

    shown = client.get(f"{EXPORTS}/{export_id}").json()
    assert (shown["status"], list(shown["_links"])) == ("failed", ["self"])


def test_export__of_somebody_who_has_left_meanwhile__is_not_made(
    client: SignedInClient, wallet: Account, freelancer: User
) -> None:
    ask(client)
    Membership.objects.filter(user=freelancer).delete()

    exports.make_due()

    assert LedgerExport.objects.get().status == "failed"


def test_export__progress__is_told_in_rows(
    client: SignedInClient, wallet: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        put(wallet, 1)
    monkeypatch.setattr(selectors, "LINES_AT_ONCE", 2)
    ask(client)
    seen: list[tuple[int, int | None]] = []

    def watch(target: Any, lines: Any, about: Any) -> None:
        seen.extend(LedgerExport.objects.values_list("done", "total").get() for _ in lines)

    monkeypatch.setattr(statements, "write", watch)
    exports.make_due()

    assert seen == [(0, 5), (0, 5), (2, 5), (2, 5), (4, 5)]
    assert LedgerExport.objects.values_list("done", "total").get() == (5, 5)


def test_pdf__of_more_rows_than_it_may_hold__is_refused_with_the_limit(
    client: SignedInClient, wallet: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(wallet, 1)
    monkeypatch.setattr(statements, "LIMITS", {"pdf": 1})

    answer = client.post(EXPORTS, {"format": "pdf", **EVER}, format="json")

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["limit"]) == (422, "too_many_rows", 1)
    assert problem["errors"] == [{"pointer": "/format", "code": "too_many_rows", "message": problem["detail"]}]
    assert "1 rows" in problem["detail"]
    ask(client, "xlsx")


def test_export__account_deleted__goes_with_its_files(client: SignedInClient, wallet: Account) -> None:
    ask(client)
    exports.make_due()
    assert client.delete("/v1/auth/me").status_code == 202

    after_grace()

    assert not LedgerExport.objects.exists()
    assert files() == []
