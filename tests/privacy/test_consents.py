"""What people agree and object to: a ledger that only grows, and a browser's signal that counts."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts.events import EmailChanged, EmailReverted
from accounts.models import User
from core.contributions import privacy as declarations
from core.contributions.privacy import Purpose, consent_purpose
from core.db.ids import uuid7
from core.testing.queries import counted_queries
from events import services as events
from events.models import OutboxEvent
from events.services import publish
from privacy import gpc
from privacy.models import ConsentEntry, OptedOutAddress, PrivacyRequest
from privacy.selectors import is_given
from privacy.services import consents
from privacy.types import SALE
from tests.accounts.actors import SignedInClient, SignIn, principal_behind
from tests.accounts.actors import sign_in as begin

pytestmark = pytest.mark.django_db
MARKETING = "/v1/privacy/consents/marketing"
HEADERS: Any = {"HTTP_SEC_GPC": "1"}


def said() -> list[tuple[str, int, bool, str]]:
    return list(ConsentEntry.objects.order_by("id").values_list("purpose", "version", "given", "source"))


def test_consents__nothing_said_yet__are_not_given_but_for_what_is_assumed(client: SignedInClient) -> None:
    listed = {each["purpose"]: each for each in client.get("/v1/privacy/consents").json()["data"]}

    assert {name: each["given"] for name, each in listed.items()} == {
        "analytics": False, "location": False, "marketing": False, "personalisation": False, SALE: True,
    }  # fmt: skip
    assert listed["marketing"] == {
        "purpose": "marketing",
        "title": "News and offers",
        "text": "Gigvora may send me news and offers by mail and push message.",
        "current_version": 1,
        "given": False,
        "version": None,
        "is_outdated": False,
        "decided_at": None,
        "source": "",
    }


def test_consent__given_and_taken_back__leaves_two_entries(client: SignedInClient, freelancer: User) -> None:
    given = client.put(MARKETING, {"given": True, "version": 1}, format="json")
    assert (given.status_code, given.json()["given"], given.json()["version"]) == (200, True, 1)
    assert is_given(freelancer.id, "marketing")
    client.put(MARKETING, {"given": True, "version": 1}, format="json")  # says nothing new

    taken = client.put(MARKETING, {"given": False}, format="json")

    assert taken.json()["given"] is False
    assert not is_given(freelancer.id, "marketing")
    assert said() == [("marketing", 1, True, "app"), ("marketing", 1, False, "app")]
    entry = ConsentEntry.objects.earliest("id")
    assert entry.text_digest == declarations._purposes["marketing"].digest(1)
    assert entry.device_id == client.principal.device_id
    assert OutboxEvent.objects.filter(name="privacy.consent.changed").count() == 2
    assert AuditEntry.objects.filter(action="consent.changed", user_id=freelancer.id).count() == 2
    ledger = client.get("/v1/privacy/consents/ledger").json()["data"]
    assert [each["given"] for each in ledger] == [False, True]


def test_consent__to_a_text_that_has_changed__is_refused_and_shown_as_outdated(
    client: SignedInClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.put(MARKETING, {"given": True, "version": 1}, format="json")
    monkeypatch.setattr(declarations, "_purposes", dict(declarations._purposes))
    consent_purpose(Purpose("marketing", "News and offers", ("Old text.", "New text.")))

    shown = next(each for each in client.get("/v1/privacy/consents").json()["data"] if each["purpose"] == "marketing")
    assert (shown["given"], shown["version"], shown["is_outdated"], shown["text"]) == (True, 1, True, "New text.")
    refused = client.put(MARKETING, {"given": True, "version": 1}, format="json")

    assert (refused.status_code, refused.json()["code"]) == (409, "consent_text_changed")
    assert refused.json()["current_version"] == 2
    assert client.put(MARKETING, {"given": True, "version": 2}, format="json").json()["version"] == 2


def test_consent__to_a_former_text__does_not_count_for_the_present_one_and_a_no_does(
    client: SignedInClient, freelancer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.put(MARKETING, {"given": True, "version": 1}, format="json")
    client.patch("/v1/privacy", {"do_not_sell": True}, format="json")
    monkeypatch.setattr(declarations, "_purposes", dict(declarations._purposes))
    consent_purpose(Purpose("marketing", "News and offers", ("Old text.", "New text.")))
    consent_purpose(Purpose(SALE, "Sale", ("Old text.", "New text."), assumed=True))

    assert not is_given(freelancer.id, "marketing")
    assert not is_given(freelancer.id, SALE)

    client.put(MARKETING, {"given": True, "version": 2}, format="json")
    assert is_given(freelancer.id, "marketing")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/v1/privacy/consents/mind-reading", {"given": True, "version": 1}, 404, "unknown_purpose"),
        (MARKETING, {"given": True}, 409, "consent_text_changed"),
        (MARKETING, {"given": "yes", "version": 1}, 422, "validation_failed"),
        (MARKETING, {"given": True, "version": 1, "source": "gpc"}, 422, "validation_failed"),
    ],
)
def test_consent__that_cannot_be__is_refused(
    client: SignedInClient, path: str, body: dict[str, object], status: int, code: str
) -> None:
    refused = client.put(path, body, format="json")

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert said() == []


def test_consents__of_others__are_theirs(client: SignedInClient, other: SignedInClient) -> None:
    client.put(MARKETING, {"given": True, "version": 1}, format="json")

    assert other.get("/v1/privacy/consents/ledger").json()["data"] == []
    assert not any(each["given"] for each in other.get("/v1/privacy/consents").json()["data"] if each["decided_at"])


def test_do_not_sell__set_and_unset__is_said_each_time(client: SignedInClient, freelancer: User) -> None:
    assert client.get("/v1/privacy").json()["do_not_sell"] is False

    assert client.patch("/v1/privacy", {"do_not_sell": True}, format="json").json()["do_not_sell"] is True
    assert not is_given(freelancer.id, SALE)
    assert client.patch("/v1/privacy", {"do_not_sell": False}, format="json").json()["do_not_sell"] is False

    assert said() == [(SALE, 1, False, "app"), (SALE, 1, True, "app")]


def test_gpc__on_any_request__opts_the_account_out_once(client: SignedInClient, freelancer: User) -> None:
    assert client.get("/v1/devices", **HEADERS).status_code == 200
    assert client.get("/v1/devices", **HEADERS).status_code == 200

    assert said() == [(SALE, 1, False, "gpc")]
    assert AuditEntry.objects.filter(action="gpc.received", user_id=freelancer.id).count() == 1
    status = client.get("/v1/privacy").json()
    assert (status["do_not_sell"], status["gpc_in_request"]) == (True, False)
    assert status["gpc_honoured_at"] is not None


def test_gpc__forgotten_by_the_cache__is_not_written_again(client: SignedInClient) -> None:
    client.get("/v1/devices", **HEADERS)
    cache.clear()
    client.get("/v1/devices", **HEADERS)

    assert len(said()) == 1


def test_gpc__on_another_device__is_noted_for_it_too(client: SignedInClient, sign_in: SignIn, freelancer: User) -> None:
    client.get("/v1/devices", **HEADERS)
    sign_in(freelancer).get("/v1/devices", **HEADERS)

    assert said() == [(SALE, 1, False, "gpc")] * 2
    assert ConsentEntry.objects.values("device_id").distinct().count() == 2


@pytest.mark.parametrize("value", ["0", "true", "", "1 ", "11", "1,1"])
def test_gpc__any_other_value__counts_for_nothing(client: SignedInClient, value: str) -> None:
    client.get("/v1/devices", HTTP_SEC_GPC=value)

    assert said() == []


def test_gpc__absent_later__takes_nothing_back_and_saying_yes_does(client: SignedInClient) -> None:
    client.get("/v1/devices", **HEADERS)
    client.get("/v1/devices")
    assert client.get("/v1/privacy").json()["do_not_sell"] is True

    client.patch("/v1/privacy", {"do_not_sell": False}, format="json")
    assert client.get("/v1/privacy").json()["do_not_sell"] is False
    client.get("/v1/devices", **HEADERS)  # and the signal counts anew
    assert client.get("/v1/privacy").json()["do_not_sell"] is True


def test_gpc__in_the_very_request__holds_before_anything_is_stored(client: SignedInClient, freelancer: User) -> None:
    assert is_given(freelancer.id, SALE)
    with gpc.signalled():
        assert not is_given(freelancer.id, SALE)
    assert client.get("/v1/privacy", **HEADERS).json()["gpc_in_request"] is True


def test_gpc__of_strangers__is_answered_like_any_request(api: APIClient) -> None:
    assert api.get("/v1/privacy/retention", **HEADERS).status_code == 200
    assert api.get("/v1/devices", **HEADERS).status_code == 401
    assert said() == []


def test_gpc__absent__costs_no_query(client: SignedInClient) -> None:
    client.get("/v1/devices")
    with counted_queries() as without:
        client.get("/v1/devices")
    client.get("/v1/devices", **HEADERS)
    with counted_queries() as known:
        client.get("/v1/devices", **HEADERS)

    assert len(known) == len(without)


def test_gpc_json__asked_by_browsers__says_that_we_honour_it(api: APIClient) -> None:
    assert api.get("/.well-known/gpc.json").json() == {"gpc": True, "lastUpdate": "2026-11-21"}


def test_opt_out__without_an_account__is_kept_as_a_digest_and_carried_over(api: APIClient) -> None:
    body = {"email": "Nora@Example.com"}
    answers = [api.post("/v1/privacy/opt-out", body, format="json") for _ in range(2)]

    assert {(each.status_code, each.json()["message"]) for each in answers} == {
        (202, "Nothing about this address is sold or shared.")
    }
    assert OptedOutAddress.objects.count() == 1
    assert PrivacyRequest.objects.values_list("kind", "status", "user_id").get() == ("opt_out", "done", None)

    joined = api.post(
        "/v1/auth/register", {"email": "nora@example.com", "password": "correct-Horse-9"}, format="json"
    ).json()
    events.dispatch()
    assert not is_given(joined["user"]["id"], SALE)


def test_opt_out__of_an_account__counts_at_once_and_tells_nobody(api: APIClient, freelancer: User) -> None:
    known = api.post("/v1/privacy/opt-out", {"email": freelancer.email}, format="json")
    unknown = api.post("/v1/privacy/opt-out", {"email": "nobody@example.com"}, format="json")

    assert known.json() == unknown.json()
    assert not is_given(freelancer.id, SALE)
    assert said() == [(SALE, 1, False, "web")]


def test_opt_out__again_after_saying_yes__counts_again(
    api: APIClient, client: SignedInClient, freelancer: User
) -> None:
    body = {"email": freelancer.email}
    api.post("/v1/privacy/opt-out", body, format="json")
    client.patch("/v1/privacy", {"do_not_sell": False}, format="json")
    assert is_given(freelancer.id, SALE)

    for _ in range(2):  # and the third time says nothing new
        assert api.post("/v1/privacy/opt-out", body, format="json").status_code == 202

    assert not is_given(freelancer.id, SALE)
    assert said() == [(SALE, 1, False, "web"), (SALE, 1, True, "app"), (SALE, 1, False, "web")]
    assert PrivacyRequest.objects.filter(kind="opt_out", status="done", user_id=freelancer.id).count() == 2


def test_opt_out__of_any_address__costs_the_same(freelancer: User, other_freelancer: User) -> None:
    consents.decide(actor=principal_behind(begin(other_freelancer)), purpose=SALE, given=False)
    addresses = [freelancer.email, other_freelancer.email, "nobody@example.com"]
    consents.opt_out_address(email="warm@example.com")

    costs = []
    for email in addresses * 2:
        with counted_queries() as asked:
            consents.opt_out_address(email=email)
        costs.append(len(asked))

    assert len(set(costs)) == 1
    assert said() == [(SALE, 1, False, "app"), (SALE, 1, False, "web")]
    assert OptedOutAddress.objects.count() == PrivacyRequest.objects.filter(status="done").count() == 4
    assert OutboxEvent.objects.filter(name="privacy.consent.changed").count() == 2
    assert AuditEntry.objects.filter(action="consent.changed").count() == 2


@pytest.mark.parametrize("kind", [EmailChanged, EmailReverted])
def test_opt_out__of_an_address_that_an_account_takes_later__is_carried_over(
    api: APIClient, freelancer: User, kind: type[EmailChanged | EmailReverted]
) -> None:
    api.post("/v1/privacy/opt-out", {"email": "later@example.com"}, format="json")
    given = {"change_id": uuid7()} if kind is EmailChanged else {}

    with transaction.atomic():
        User.objects.filter(id=freelancer.id).update(email="later@example.com")
        publish(kind(aggregate_id=freelancer.id, **given))
    events.dispatch()

    assert not is_given(freelancer.id, SALE)
