"""Adjustments by staff: who may, once each, in balance, on record, and taken back by the opposite."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.models import AuditEntry
from accounts.models import Membership, User
from core.db.ids import uuid7
from core.errors import Invalid, NotFound
from core.money import Money
from core.testing.races import race, repeat
from events.models import OutboxEvent
from finance import ledger, selectors, services
from finance.errors import AdjustmentDiffers, CurrencyMismatch, InsufficientFunds, OwnAccount
from finance.models import Account, Posting, Transaction
from finance.types import AccountKind, TransactionKind
from tests.accounts.actors import SignedInClient

pytestmark = pytest.mark.django_db

ADJUSTMENTS = Transaction.objects.filter(kind=TransactionKind.ADJUSTMENT)


def adjust(officer: User, account: Account, minor: int = 25_00, **given: Any) -> Transaction:
    wish: dict[str, Any] = {
        "account_id": account.id, "amount": Money(minor, "USD"), "reason": "A card was charged twice.", "key": uuid7()
    }  # fmt: skip
    return services.adjust(actor_id=officer.id, **{**wish, **given})


def balance(account: Account) -> int:
    return Account.objects.get(id=account.id).balance


def sound() -> bool:
    return not selectors.find_drift() and not selectors.find_unbalanced()


@pytest.mark.parametrize("minor", [25_00, -25_00])
def test_adjust__either_way__moves_against_the_platforms_account_on_record(
    finance_officer: User, wallet: Account, minor: int
) -> None:
    posted = adjust(finance_officer, wallet, minor)

    other = ledger.platform_account(AccountKind.ADJUSTMENTS, "USD")
    rows = posted.postings.values_list("account", "amount")
    assert dict(rows) == {wallet.id: minor, other.id: -minor}
    assert (balance(wallet), balance(other), sound()) == (100_00 + minor, -minor, True)
    assert (posted.kind, posted.description, posted.actor_id) == (
        "adjustment", "A card was charged twice.", finance_officer.id,
    )  # fmt: skip
    [event] = OutboxEvent.objects.filter(aggregate_id=posted.id)
    assert (event.name, event.payload) == (
        "finance.transaction.posted", {"kind": "adjustment", "category": "other"},
    )  # fmt: skip
    [entry] = AuditEntry.objects.filter(action="ledger.adjusted")
    assert (entry.user_id, entry.target_id, entry.reason) == (
        finance_officer.id, str(wallet.id), "A card was charged twice.",
    )  # fmt: skip
    assert (entry.details["amount"], entry.details["currency"], entry.details["transaction"]) == (
        minor, "USD", str(posted.id),
    )  # fmt: skip


def test_adjust__below_the_floor__moves_nothing_and_says_nothing(finance_officer: User, wallet: Account) -> None:
    with pytest.raises(InsufficientFunds):
        adjust(finance_officer, wallet, -100_01)

    assert (balance(wallet), ADJUSTMENTS.count()) == (100_00, 0)
    assert not AuditEntry.objects.filter(action="ledger.adjusted").exists()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"reason": "  "}, Invalid),
        ({"amount": Money(0, "USD")}, Invalid),
        ({"amount": Money(1, "EUR")}, CurrencyMismatch),
        ({"account_id": uuid7()}, NotFound),
    ],
)
def test_adjust__what_cannot_be__moves_nothing(
    finance_officer: User, wallet: Account, given: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        adjust(finance_officer, wallet, **given)

    assert not ADJUSTMENTS.exists()


def test_adjust__an_account_of_the_platform__is_not_found(finance_officer: User, wallet: Account) -> None:
    with pytest.raises(NotFound):
        adjust(finance_officer, Account.objects.get(kind=AccountKind.OUTSIDE))


def test_adjust__an_account_of_ones_own__is_for_a_colleague(finance_officer: User, wallet: Account) -> None:
    assert wallet.workspace_id
    Membership.objects.create(workspace_id=wallet.workspace_id, user=finance_officer)

    with pytest.raises(OwnAccount):
        adjust(finance_officer, wallet)


def test_adjust__one_key_twice__moves_once(finance_officer: User, wallet: Account) -> None:
    key = uuid7()

    first, again = (adjust(finance_officer, wallet, key=key) for _ in range(2))

    assert (first, balance(wallet), sound()) == (again, 125_00, True)
    assert AuditEntry.objects.filter(action="ledger.adjusted").count() == 1
    assert OutboxEvent.objects.filter(aggregate_id=first.id).count() == 1


@pytest.mark.parametrize("changed", [{"amount": Money(1, "USD")}, {"reason": "Another."}])
def test_adjust__one_key_for_something_else__is_refused(
    finance_officer: User, wallet: Account, changed: dict[str, Any]
) -> None:
    key = uuid7()
    adjust(finance_officer, wallet, key=key)

    with pytest.raises(AdjustmentDiffers):
        adjust(finance_officer, wallet, key=key, **changed)
    assert balance(wallet) == 125_00


@pytest.mark.django_db(transaction=True)
def test_adjust__one_key_by_many_at_once__moves_once(finance_officer: User, wallet: Account) -> None:
    key = uuid7()

    outcomes = race(*repeat(lambda: adjust(finance_officer, wallet, key=key).id, 6))

    assert len(set(outcomes)) == 1
    assert isinstance(outcomes[0], UUID)
    assert (balance(wallet), sound()) == (125_00, True)
    assert AuditEntry.objects.filter(action="ledger.adjusted").count() == 1


def test_take_back__once_or_twice__is_the_opposite_once(finance_officer: User, wallet: Account) -> None:
    posted = adjust(finance_officer, wallet)

    first, again = (
        services.take_back_adjustment(actor_id=finance_officer.id, transaction_id=posted.id, reason="The wrong one.")
        for _ in range(2)
    )

    assert (first, first.reverses_id) == (again, posted.id)
    assert (balance(wallet), sound(), ADJUSTMENTS.count()) == (100_00, True, 2)
    assert AuditEntry.objects.filter(action="ledger.adjusted", details__reverses=str(posted.id)).count() == 1


def test_take_back__what_was_spent_or_no_adjustment__is_refused(finance_officer: User, wallet: Account) -> None:
    posted = adjust(finance_officer, wallet)
    services.refund(transaction_id=Transaction.objects.get(kind="payment").id, amount=100_00, reference="r")
    adjust(finance_officer, wallet, -1)

    with pytest.raises(InsufficientFunds):
        services.take_back_adjustment(actor_id=finance_officer.id, transaction_id=posted.id, reason="Spent.")
    payment = Transaction.objects.get(kind=TransactionKind.PAYMENT)
    with pytest.raises(NotFound):
        services.take_back_adjustment(actor_id=finance_officer.id, transaction_id=payment.id, reason="No.")


def test_adjustment__in_the_ledger_of_the_owner__stands_with_its_reason(
    finance_officer: User, client: SignedInClient, wallet: Account
) -> None:
    adjust(finance_officer, wallet, -1)

    [row] = client.get("/v1/finance/ledger?kind=adjustment").json()["data"]

    assert (row["amount"]["minor_units"], row["description"]) == (-1, "A card was charged twice.")


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def page_of(account: Account) -> str:
    return reverse("admin:finance_account_adjust", args=[account.id])


def filled_in(browser: Client, account: Account, **given: str) -> dict[str, str]:
    """What a browser sends: the form as it was shown, with what somebody has typed."""
    shown = browser.get(page_of(account)).content.decode()
    found = re.search(r'name="key" value="([^"]+)"', shown)
    assert found, shown
    return {"key": found[1], "direction": "in", "amount": "12.50", "reason": "Goodwill.", **given}


def test_screen__sent_twice__posts_once(finance_officer: User, wallet: Account) -> None:
    browser = browser_of(finance_officer)
    sent = filled_in(browser, wallet)

    answers = [browser.post(page_of(wallet), sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (balance(wallet), ADJUSTMENTS.get().actor_id) == (112_50, finance_officer.id)
    shown = browser.get(answers[0]["Location"]).content.decode()
    assert "12.50 posted" in shown
    assert filled_in(browser, wallet)["key"] != sent["key"]


def test_screen__taken_out__posts_the_negative(finance_officer: User, wallet: Account) -> None:
    browser = browser_of(finance_officer)

    browser.post(page_of(wallet), filled_in(browser, wallet, direction="out"))

    assert balance(wallet) == 87_50


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reason": ""}, "required"),
        ({"reason": " "}, "required"),
        ({"amount": "-1"}, "Move more than nothing"),
        ({"amount": "0"}, "Move more than nothing"),
        ({"amount": "1.001"}, "2 digits"),
        ({"amount": "1e2"}, "plain decimal"),
        ({"direction": "up"}, "not one of the available"),
        ({"key": ""}, "required"),
        ({"direction": "out", "amount": "100.01"}, "not enough money"),
    ],
)
def test_screen__what_cannot_be__is_said_and_the_key_stays(
    finance_officer: User, wallet: Account, given: dict[str, str], said: str
) -> None:
    browser = browser_of(finance_officer)
    sent = filled_in(browser, wallet, **given)

    shown = browser.post(page_of(wallet), sent)

    assert shown.status_code == 200
    assert said in shown.content.decode()
    assert sent["key"] in shown.content.decode()
    assert not ADJUSTMENTS.exists()


def test_screen__changed_after_it_was_posted__is_refused(finance_officer: User, wallet: Account) -> None:
    browser = browser_of(finance_officer)
    sent = filled_in(browser, wallet)
    browser.post(page_of(wallet), sent)

    shown = browser.post(page_of(wallet), {**sent, "amount": "13.00"}).content.decode()

    assert "posted before" in shown
    assert balance(wallet) == 112_50


def test_screen__without_the_scope__is_refused_and_moves_nothing(
    support: User, finance_officer: User, wallet: Account
) -> None:
    browser = browser_of(support)
    sent = filled_in(browser_of(finance_officer), wallet)

    assert browser.get(page_of(wallet)).status_code == 403
    assert browser.post(page_of(wallet), sent).status_code == 403
    assert browser.get(reverse("admin:finance_account_changelist")).status_code == 403
    assert not ADJUSTMENTS.exists()


def test_screen__account_of_the_platform_or_of_nobody__is_nowhere(finance_officer: User, wallet: Account) -> None:
    browser = browser_of(finance_officer)
    platform = Account.objects.get(kind=AccountKind.OUTSIDE)

    assert browser.get(page_of(platform)).status_code == 404
    assert browser.get(reverse("admin:finance_account_adjust", args=[uuid7()])).status_code == 404


def test_screens__still_edit_nothing_by_hand(finance_officer: User, wallet: Account, rf: Any) -> None:
    request = rf.get("/")
    request.user = finance_officer

    for model in (Account, Transaction):
        perms = admin.site._registry[model].get_model_perms(request)
        assert perms == {"add": False, "change": False, "delete": False, "view": True}


def test_action__take_back__wants_a_reason_and_works_once(finance_officer: User, wallet: Account) -> None:
    posted, browser = adjust(finance_officer, wallet), browser_of(finance_officer)
    screen = reverse("admin:finance_transaction_changelist")
    chosen = {"_selected_action": str(posted.id), "action": "take_back"}

    without = browser.post(screen, {**chosen, "reason": ""}, follow=True).content.decode()
    assert ("Say why." in without, balance(wallet)) == (True, 125_00)
    for _ in range(2):
        browser.post(screen, {**chosen, "reason": "The wrong account."}, follow=True)

    assert (balance(wallet), ADJUSTMENTS.count()) == (100_00, 2)
    payment = Transaction.objects.get(kind=TransactionKind.PAYMENT)
    refused = browser.post(screen, {**chosen, "_selected_action": str(payment.id), "reason": "No."}, follow=True)
    assert "There is nothing here." in refused.content.decode()


def test_screens__with_more_rows__ask_as_many_queries(finance_officer: User, wallet: Account) -> None:
    browser = browser_of(finance_officer)
    posted = adjust(finance_officer, wallet)
    pages = [
        reverse("admin:finance_account_changelist"),
        reverse("admin:finance_transaction_change", args=[posted.id]),
        page_of(wallet),
    ]

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(path).status_code == 200
        return len(queries)

    _warm, before = ([cost(path) for path in pages] for _ in range(2))  # content types are read once in a process
    for number in range(5):
        assert wallet.workspace_id
        services.open_account(
            workspace_id=wallet.workspace_id, name=f"{number}", kind=AccountKind.WALLET, currency="USD"
        )
        adjust(finance_officer, wallet)

    assert [cost(path) for path in pages] == before
    assert Posting.objects.filter(transaction=posted).count() == 2
