"""The routes of money: whole bodies, on both surfaces, for every train."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import ANY

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.types import Principal
from accounts.models import User
from finance import selectors
from finance.models import Account, Payout, Posting
from finance.types import AccountKind
from tests.accounts import actors
from tests.accounts.actors import SignedInClient, SignIn
from tests.finance.conftest import open_wallet, put

pytestmark = pytest.mark.django_db

IBAN = "DE02120300000000202051"
CENTS = {"minor_units": 100, "currency": "USD"}
HUNDRED = {"amount": "100.00", "currency": "USD", "minor_units": 100_00, "formatted": "$100.00"}


def amount(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "USD"}


def test_accounts__listed__are_whole_and_in_their_order(
    client: SignedInClient, wallet: Account, actor: Principal
) -> None:
    open_wallet(actor, "Taxes", AccountKind.SAVINGS)

    body = client.get("/v1/finance/accounts").json()

    here = {"href": f"/v1/finance/accounts/{wallet.id}", "method": "GET"}
    assert body["data"][0] == {
        "id": str(wallet.id), "name": "Wallet", "kind": "wallet", "balance": HUNDRED, "position": 0, "version": 2,
        "updated_at": ANY, "_links": {"self": here, "update": {**here, "method": "PATCH"}},
    }  # fmt: skip
    assert [account["name"] for account in body["data"]] == ["Wallet", "Taxes"]


def test_account__shared_contract_and_locale__camel_case_and_written_for_them(
    client: SignedInClient, wallet: Account, freelancer: User
) -> None:
    freelancer.locale = "de-DE"
    freelancer.save()

    answer = client.get(f"/api/finance/accounts/{wallet.id}")

    assert answer.json()["balance"] == {
        "amount": "100.00", "currency": "USD", "minorUnits": 100_00, "formatted": "100,00\u00a0$",
    }  # fmt: skip
    assert answer["Cache-Control"] == "private, max-age=0, must-revalidate"


def test_account__older_train__gets_a_decimal_and_its_currency(client: SignedInClient, wallet: Account) -> None:
    shown = client.get(f"/v1/finance/accounts/{wallet.id}", HTTP_X_APP_VERSION="2024.07.0").json()

    assert (shown["balance"], shown["currency"]) == ("100.00", "USD")


def test_account__renamed__has_the_name(client: SignedInClient, wallet: Account) -> None:
    answer = client.patch(f"/v1/finance/accounts/{wallet.id}", {"name": "Purse"}, format="json")

    assert (answer.status_code, answer.json()["name"], answer.json()["version"]) == (200, "Purse", 3)


def test_ledger__listed__newest_first_with_the_running_balance(client: SignedInClient, wallet: Account) -> None:
    put(wallet, 50)

    body = client.get("/v1/finance/ledger").json()

    assert body["data"][0] == {
        "id": ANY, "account_id": str(wallet.id), "transaction_id": ANY, "kind": "payment", "category": "gig",
        "description": "", "posted_at": ANY,
        "amount": {"amount": "0.50", "currency": "USD", "minor_units": 50, "formatted": "$0.50"},
        "balance": {"amount": "100.50", "currency": "USD", "minor_units": 10_050, "formatted": "$100.50"},
    }  # fmt: skip
    assert [row["amount"]["minor_units"] for row in body["data"]] == [50, 100_00]
    older = client.get("/v1/finance/ledger?limit=1", HTTP_X_APP_VERSION="2024.07").json()["data"][0]
    assert (older["amount"], older["balance"], older["currency"]) == ("0.50", "100.50", "USD")


@pytest.mark.parametrize(
    ("query", "count"),
    [("kind=payment", 1), ("kind=payout", 0), ("category=gig", 1), ("posted_to=2020-01-01T00:00:00Z", 0)],
)
def test_ledger__filtered__shows_what_fits(client: SignedInClient, wallet: Account, query: str, count: int) -> None:
    assert len(client.get(f"/v1/finance/ledger?{query}").json()["data"]) == count


def test_ledger__filtered_by_nothing__is_a_mistake(client: SignedInClient) -> None:
    answer = client.get("/api/finance/ledger?postedTo=")

    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, "/postedTo", "blank")


def test_transfer__between_own_accounts__moves(client: SignedInClient, wallet: Account, actor: Principal) -> None:
    taxes = open_wallet(actor, "Taxes", AccountKind.SAVINGS)
    body = {"from_account": str(wallet.id), "to_account": str(taxes.id), "amount": amount("30.5"), "description": "Q4"}

    answer = client.post("/v1/finance/transfers", body, format="json")

    assert answer.status_code == 201
    assert answer.json() == {
        "id": ANY, "kind": "transfer", "category": "transfer", "description": "Q4", "posted_at": ANY,
        "postings": [ANY, ANY],
    }  # fmt: skip
    moved = {row["account_id"]: row["amount"]["minor_units"] for row in answer.json()["postings"]}
    assert moved == {str(wallet.id): -3050, str(taxes.id): 3050}
    assert not selectors.find_drift()


def test_transfer__as_an_older_train_writes_amounts__is_understood(
    client: SignedInClient, wallet: Account, actor: Principal
) -> None:
    taxes = open_wallet(actor, "Taxes", AccountKind.SAVINGS)
    body = {"from_account": str(wallet.id), "to_account": str(taxes.id), "amount": "1.00", "currency": "USD"}

    assert client.post("/v1/finance/transfers", body, format="json").status_code == 201


def test_transfer__sent_twice_with_one_key__moves_once(
    client: SignedInClient, wallet: Account, actor: Principal
) -> None:
    taxes = open_wallet(actor, "Taxes", AccountKind.SAVINGS)
    body = {
        "from_account": str(wallet.id),
        "to_account": str(taxes.id),
        "amount": {"minor_units": 100, "currency": "USD"},
    }

    answers = [client.post("/v1/finance/transfers", body, format="json", HTTP_IDEMPOTENCY_KEY="k1") for _ in range(2)]

    taxes.refresh_from_db()
    assert ([answer.status_code for answer in answers], taxes.balance) == ([201, 201], 100)
    assert answers[1]["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        (amount("100.01"), (409, "insufficient_funds", None)),
        (amount("0"), (422, "validation_failed", "/amount")),
        (amount("-1"), (422, "validation_failed", "/amount")),
        (amount("0.001"), (422, "validation_failed", "/amount")),
        (amount("1e2"), (422, "validation_failed", "/amount")),
        (amount("9" * 16), (422, "validation_failed", "/amount")),
        ({"amount": 1.5, "currency": "USD"}, (422, "validation_failed", "/amount/amount")),
        ({"minor_units": 1.5, "currency": "USD"}, (422, "validation_failed", "/amount/minor_units")),
        ({"minor_units": 100, "amount": "1.00", "currency": "USD"}, (422, "validation_failed", "/amount")),
        ({"amount": "1.00", "currency": "EUR"}, (422, "currency_mismatch", None)),
        ({"amount": "1.00", "currency": "XAU"}, (422, "validation_failed", "/amount")),
        ({"amount": "1.00"}, (422, "validation_failed", "/amount/currency")),
        ("1.00", (422, "validation_failed", "/amount")),
    ],
)
def test_row_57__transfer_of_an_amount_that_cannot_be__moves_nothing(
    client: SignedInClient, wallet: Account, actor: Principal, sent: Any, refusal: tuple[int, str, str | None]
) -> None:
    taxes = open_wallet(actor, "Taxes", AccountKind.SAVINGS)
    body = {"from_account": str(wallet.id), "to_account": str(taxes.id), "amount": sent}

    answer = client.post("/v1/finance/transfers", body, format="json")

    problem = answer.json()
    pointers = [error["pointer"] for error in problem.get("errors") or [{"pointer": None}]]
    assert (answer.status_code, problem["code"], pointers[0]) == refusal
    assert Posting.objects.filter(account=wallet).count() == 1


def test_transfer__accounts_of_others_of_escrow_or_the_same__is_refused(
    client: SignedInClient, wallet: Account, actor: Principal, stranger: Principal
) -> None:
    theirs, escrow = open_wallet(stranger), open_wallet(actor, "Held", AccountKind.ESCROW)
    platform = Account.objects.filter(workspace=None).first()
    assert platform
    codes = []
    for source, target in ((wallet, theirs), (theirs, wallet), (platform, wallet), (escrow, wallet), (wallet, wallet)):
        body = {"from_account": str(source.id), "to_account": str(target.id), "amount": amount("1.00")}
        codes.append(client.post("/v1/finance/transfers", body, format="json").json()["code"])

    assert codes == ["not_found", "not_found", "not_found", "not_spendable", "validation_failed"]


def test_payout__asked_for_cancelled_and_gone__money_follows(client: SignedInClient, wallet: Account) -> None:
    body = {"account_id": str(wallet.id), "amount": amount("60.00"), "iban": "DE02 1203 0000 0000 2020 51"}

    made = client.post("/v1/finance/payouts", body, format="json")

    assert made.status_code == 201
    shown = made.json()
    here = f"/v1/finance/payouts/{shown['id']}"
    assert shown == {
        "id": ANY, "account_id": str(wallet.id), "destination": "DE…2051", "status": "pending", "failure": "",
        "amount": {"amount": "60.00", "currency": "USD", "minor_units": 60_00, "formatted": "$60.00"},
        "created_at": ANY, "settled_at": None,
        "_links": {"self": {"href": here, "method": "GET"}, "cancel": {"href": f"{here}/cancel", "method": "POST"}},
    }  # fmt: skip
    assert IBAN.encode() not in bytes(Payout.objects.get().sealed_destination)
    wallet.refresh_from_db()
    assert wallet.balance == 40_00

    cancelled = client.post(f"{here}/cancel", format="json").json()

    wallet.refresh_from_db()
    assert (cancelled["status"], wallet.balance, "cancel" in cancelled["_links"]) == ("cancelled", 100_00, False)
    assert client.post(f"{here}/cancel", format="json").json()["code"] == "invalid_state"
    assert [row["status"] for row in client.get("/v1/finance/payouts?status=cancelled").json()["data"]] == ["cancelled"]


def test_payout__account_just_recovered__waits(client: SignedInClient, wallet: Account) -> None:
    until = timezone.now() + timedelta(hours=24)
    User.objects.filter(id=client.signed_in.session.user_id).update(payouts_held_until=until)
    body = {"account_id": str(wallet.id), "amount": amount("1.00"), "iban": IBAN}

    answer = client.post("/v1/finance/payouts", body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (409, "payouts_held")
    assert answer.json()["held_until"] == until.isoformat().replace("+00:00", "Z")
    with time_machine.travel(until + timedelta(seconds=1)):
        fresh = SignedInClient(actors.sign_in(client.signed_in.session.user))
        assert fresh.post("/v1/finance/payouts", body, format="json").status_code == 201


def test_payout__no_iban__is_refused(client: SignedInClient, wallet: Account) -> None:
    body = {"account_id": str(wallet.id), "amount": amount("1.00"), "iban": "DE02120300000000202052"}

    answer = client.post("/v1/finance/payouts", body, format="json")

    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/iban", "invalid_iban")]


@pytest.mark.parametrize("route", ["transfers", "payouts"])
def test_moving_money__proof_is_old__asks_for_a_fresh_one(client: SignedInClient, wallet: Account, route: str) -> None:
    with time_machine.travel(timezone.now() + settings.STEP_UP_FRESHNESS + timedelta(seconds=1)):
        answer = client.post(f"/v1/finance/{route}", {}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


def test_stranger__whatever_they_ask__finds_nothing(
    client: SignedInClient, other: SignedInClient, wallet: Account
) -> None:
    body = {"account_id": str(wallet.id), "amount": amount("1.00"), "iban": IBAN}
    payout = client.post("/v1/finance/payouts", body, format="json").json()["id"]

    assert other.get(f"/v1/finance/accounts/{wallet.id}").status_code == 404
    assert other.get(f"/v1/finance/payouts/{payout}").status_code == 404
    assert other.post(f"/v1/finance/payouts/{payout}/cancel").status_code == 404
    for collection in ("accounts", "ledger", "payouts"):
        assert other.get(f"/v1/finance/{collection}").json()["data"] == []


def test_overview__days_and_totals__in_the_one_order(actor: Principal, freelancer: User, sign_in: SignIn) -> None:
    with time_machine.travel(datetime(2026, 11, 19, 23, 30, tzinfo=UTC), tick=False):
        account = open_wallet(actor)
        put(account, 500)
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):
        put(account, 100)
        taxes = open_wallet(actor, "Taxes", AccountKind.SAVINGS)
        Account.objects.filter(id=taxes.id).update(position=0, name="A")
        body = sign_in(freelancer).get("/v1/finance/overview").json()

    assert [account["name"] for account in body["accounts"]] == ["A", "Wallet"]
    assert [(each["currency"], each["available"]["amount"], each["held"]["amount"]) for each in body["totals"]] == [
        ("USD", "6.00", "0.00")
    ]
    [series] = body["series"]
    assert (len(series["points"]), series["points"][0]["day"], series["points"][-1]["day"]) == (
        30, "2026-10-22", "2026-11-20",
    )  # fmt: skip
    assert [point["inflow"]["minor_units"] for point in series["points"][-2:]] == [500, 100]


def test_lists__with_more_rows__ask_as_many_queries(client: SignedInClient, wallet: Account) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    paths = ("/v1/finance/accounts?limit=50", "/v1/finance/ledger?limit=50", "/v1/finance/overview")
    client.get("/v1/finance/accounts")  # the session is remembered from here on
    before = [cost(path) for path in paths]
    for _ in range(10):
        put(wallet, 1)
    assert [cost(path) for path in paths] == before
