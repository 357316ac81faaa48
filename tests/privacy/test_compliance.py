"""One test for each row of the compliance table that privacy answers for, and for cases 67 and 68 of the abuse list."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import time_machine
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.models import DeviceSession, User
from core.contributions.privacy import Delete, Goes, Perform, Revoked, personal_data, revocations
from privacy import append_only, inventory
from privacy.models import ConsentEntry, Erasure, Export, PrivacyRequest
from privacy.services import exports, requests
from privacy.types import RequestKind, Source
from tests.accounts.actors import PASSWORD, SignedInClient, SignIn
from tests.privacy.conftest import Erase, after_grace

pytestmark = pytest.mark.django_db


def test_c1__an_account_made_in_the_app__is_deleted_in_the_app_without_writing_to_anybody(
    client: SignedInClient, freelancer: User
) -> None:
    planned = client.delete("/v1/auth/me").json()

    days = datetime.fromisoformat(planned["executes_at"]) - timezone.now()
    assert timedelta(0) < days <= timedelta(days=30)
    assert planned["_links"]["cancel"]["method"] == "DELETE"
    after_grace()
    freelancer.refresh_from_db()
    assert (freelancer.is_active, freelancer.full_name, freelancer.has_usable_password()) == (False, "", False)


def test_c2__apple__is_told_through_a_declared_revocation_with_a_way_by_hand() -> None:
    apple = next(each for each in revocations() if "apple" in each.name)

    assert "account.apple.com" in apple.by_hand
    assert apple.run(Erasure().id) == Revoked("nothing")


def test_c4__play__finds_a_page_without_the_app_and_a_table_of_what_is_kept(api: APIClient) -> None:
    page = api.get("/privacy/delete-account", HTTP_ACCEPT="text/html")
    assert page.status_code == 200
    assert "/v1/privacy/retention" in page.content.decode()

    table = api.get("/v1/privacy/retention").json()["data"]

    assert {each["collection"] for each in table} == {each.collection for each in personal_data()}
    entry = next(each for each in table if each["collection"] == "security_events" and each["category"] == "network")
    assert entry == {
        "collection": "security_events",
        "category": "network",
        "field_names": ["ip", "user_agent", "origin_salt", "origin_digest"],
        "purpose": "Find out what was done to accounts, by whom, and prove it.",
        "basis": "legitimate interest",
        "retention": "90 days, then the network alone",
        "shared_with": [],
        "erasure": entry["erasure"],
    }
    assert all(each["retention"] and each["erasure"] for each in table)


def test_c5__store_labels__come_from_annotations_of_every_field() -> None:
    assert inventory.gaps(inventory.stored_models()) == []
    assert all(entry.category and entry.purpose and entry.basis and entry.retention for entry in inventory.entries())


def test_c7__access_and_portability__are_asked_for_audited_and_answered_in_time(client: SignedInClient) -> None:
    client.post("/v1/privacy/exports")
    due = PrivacyRequest.objects.get(kind="access").due_at
    assert due - timezone.now() <= timedelta(days=30)
    exports.make_due()

    assert Export.objects.get().status == "ready"
    assert PrivacyRequest.objects.get().status == "done"
    assert AuditEntry.objects.filter(action="export.requested").exists()
    exempt = [each.collection for each in personal_data() if each.not_exported]
    assert all(len(each.not_exported) > 20 for each in personal_data() if each.collection in exempt)


def test_c8__erasure__leaves_no_row_of_what_is_declared_deleted(
    client: SignedInClient, freelancer: User, erase: Erase
) -> None:
    erase(client)

    left = {
        each.collection: each.model._base_manager.filter(each.of(freelancer.id)).count()
        for each in personal_data()
        if isinstance(each.erase, Delete)
    }
    assert set(left.values()) == {0}, left
    told = {entry["name"] for entry in Erasure.objects.get().receipt["collections"]}
    assert told == {each.collection for each in personal_data() if not isinstance(each.erase, Goes)}
    assert all(each.erase.until for each in personal_data() if isinstance(each.erase, Perform) and each.erase.kept)


def test_c9__consent__is_taken_back_as_easily_as_given_and_the_ledger_refuses_changes(client: SignedInClient) -> None:
    append_only.protect()
    given = client.put("/v1/privacy/consents/analytics", {"given": True, "version": 1}, format="json")
    taken = client.put("/v1/privacy/consents/analytics", {"given": False, "version": 1}, format="json")
    asked = client.post("/v1/privacy/requests", {"kind": "restrict", "message": "Stop for now."}, format="json")

    assert [given.status_code, taken.status_code, asked.status_code] == [200, 200, 201]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ConsentEntry.objects.update(given=True)
    assert list(ConsentEntry.objects.order_by("id").values_list("given", flat=True)) == [True, False]


def test_c10__a_breach__is_scoped_from_the_trail(
    client: SignedInClient, freelancer: User, other: SignedInClient, capsys: pytest.CaptureFixture[str]
) -> None:
    session = client.signed_in.session
    client.post("/v1/privacy/exports")

    call_command("breach_scope", sid=session.id)
    [person] = [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert person["user_id"] == str(freelancer.id)
    assert person["sessions"] == [str(session.id)]
    assert "export.requested" in person["actions"]

    hour = timedelta(hours=1)
    call_command("breach_scope", since=timezone.now() - hour, until=timezone.now() + hour)
    people = {orjson.loads(line)["user_id"] for line in capsys.readouterr().out.splitlines()}
    assert {str(freelancer.id), str(other.principal.user_id)} <= people
    call_command("breach_scope", since=timezone.now() - 2 * hour, until=timezone.now() - hour)
    assert capsys.readouterr().out == ""
    with pytest.raises(CommandError, match="Name a session"):
        call_command("breach_scope")
    with pytest.raises(CommandError, match="is no time"):
        call_command("breach_scope", "--since", "yesterday")


def test_c11__requests__have_their_days_and_overdue_ones_are_counted(client: SignedInClient) -> None:
    friday = datetime(2026, 11, 20, 12, tzinfo=UTC)
    with time_machine.travel(friday, tick=False):
        correct = requests.receive(kind=RequestKind.CORRECT, source=Source.APP)
        opt_out = requests.receive(kind=RequestKind.OPT_OUT, source=Source.WEB)

    assert correct.confirm_by == datetime(2026, 12, 4, 12, tzinfo=UTC)  # ten business days
    assert correct.due_at == friday + timedelta(days=30)
    assert opt_out.due_at == datetime(2026, 12, 11, 12, tzinfo=UTC)  # fifteen business days
    from privacy.selectors import overdue_requests  # noqa: PLC0415

    with time_machine.travel(friday + timedelta(days=25)):
        assert overdue_requests() == 1
    asked = client.post("/v1/privacy/requests", {"kind": "correct", "message": "My name is Mira."}, format="json")
    assert asked.json()["status"] == "open"
    assert [each["kind"] for each in client.get("/v1/privacy/requests").json()["data"]] == ["correct"]
    wrong = client.post("/v1/privacy/requests", {"kind": "delete", "message": "x"}, format="json")
    assert wrong.status_code == 422


def test_c12__gpc__counts_on_any_request_and_is_shown(client: SignedInClient, api: APIClient) -> None:
    client.patch("/v1/auth/me", {"locale": "de"}, format="json", HTTP_SEC_GPC="1")

    shown = client.get("/v1/privacy").json()
    assert (shown["do_not_sell"], bool(shown["gpc_honoured_at"])) == (True, True)
    assert api.get("/.well-known/gpc.json").json()["gpc"] is True


def test_c13__location_and_marketing__are_off_until_somebody_agrees(client: SignedInClient) -> None:
    given = {each["purpose"]: each["given"] for each in client.get("/v1/privacy/consents").json()["data"]}

    assert {name: given[name] for name in ("location", "marketing", "analytics", "personalisation")} == {
        "location": False, "marketing": False, "analytics": False, "personalisation": False,
    }  # fmt: skip


def test_c14__addresses__are_coarse_after_ninety_days_by_declared_rules() -> None:
    rules = {rule.name: rule.after for each in personal_data() for rule in each.ageing}

    assert rules["sessions.coarsen_addresses"] == rules["audit.coarsen_origins"] == timedelta(days=90)


def test_case_67__an_export_link__is_worthless_shared_spent_late_or_without_fresh_proof(
    client: SignedInClient, other: SignedInClient, api: APIClient, freelancer: User, sign_in: SignIn
) -> None:
    export_id = client.post("/v1/privacy/exports").json()["id"]
    exports.make_due()
    address = f"/v1/privacy/exports/{export_id}/download"

    def status(caller: Any) -> int:
        code: int = caller.get(address).status_code
        return code

    assert (status(api), status(other)) == (401, 404)
    assert client.head(address).status_code == 405
    DeviceSession.objects.filter(user=freelancer).update(proved_at=timezone.now() - timedelta(hours=1))
    cache.clear()
    assert (status(client), client.get(address).json()["code"]) == (403, "step_up_required")
    fresh = sign_in(freelancer)
    assert (status(fresh), status(fresh)) == (200, 410)
    Export.objects.update(status="ready", expires_at=timezone.now())
    assert status(fresh) == 410


def test_case_68__account_deletion__with_a_stale_proof_twice_called_off_and_signing_in(
    client: SignedInClient, other: SignedInClient, freelancer: User, sign_in: SignIn, api: APIClient
) -> None:
    DeviceSession.objects.filter(user=freelancer).update(proved_at=timezone.now() - timedelta(hours=1))
    refused = client.delete("/v1/auth/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert not Erasure.objects.exists()

    first = sign_in(freelancer).delete("/v1/auth/me")
    second = sign_in(freelancer).delete("/v1/auth/me")
    assert (first.status_code, second.status_code, first.json()["id"]) == (202, 202, second.json()["id"])
    assert first.json()["executes_at"] == second.json()["executes_at"]
    assert other.get("/v1/auth/me/deletion").status_code == 404
    assert other.delete("/v1/auth/me/deletion").status_code == 404

    login = {"email": freelancer.email, "password": PASSWORD}
    back = api.post("/v1/auth/login", login, format="json")
    assert back.status_code == 200
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {back.json()['access_token']}")
    assert api.get("/v1/auth/me/deletion").json()["status"] == "scheduled"  # signing in has not called it off
    assert api.delete("/v1/auth/me/deletion").json()["status"] == "cancelled"
    assert re.fullmatch(r"[0-9a-f-]{36}", first.json()["id"])
