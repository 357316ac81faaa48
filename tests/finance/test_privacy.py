"""What becomes of money, of what it was moved for and of where it went, when people leave."""

import json
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.models import AuditEntry
from access.types import Principal
from accounts.models import Membership, User
from accounts.services import closing
from core.contributions.privacy import NotYet
from core.db.ids import uuid7
from core.errors import AppError, Invalid, NotFound
from core.money import Money
from core.testing.races import race, repeat
from finance import selectors, services
from finance.errors import NotSpendable, OwnAccount, StillClaimed
from finance.models import Account, Payout, Transaction
from finance.types import AccountKind, Category
from privacy import archive
from privacy.models import Erasure
from tests.accounts.actors import PrincipalOf, SignedInClient
from tests.finance.conftest import open_wallet, put
from tests.privacy.conftest import after_grace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]

IBAN = "DE89370400440532013000"


@pytest.fixture
def theirs(stranger: Principal) -> Account:
    """The wallet of somebody else."""
    return open_wallet(stranger, "Theirs")


def join(account: Account, user_id: UUID) -> None:
    """Let somebody in as a guest where an account is."""
    assert account.workspace_id
    Membership.objects.create(workspace_id=account.workspace_id, user_id=user_id)


def ask_for_payout(actor: Principal, wallet: Account, minor: int = 60_00) -> Payout:
    return services.request_payout(actor=actor, account_id=wallet.id, amount=Money(minor, "USD"), iban=IBAN)


def pay(payer: Account, payee: Account, **given: Any) -> Transaction:
    wish = {"amount": Money(10_00, "USD"), "category": Category.GIG, "description": "Invoice 2026-17"}
    return services.pay(to_account=payee.id, from_account=payer.id, reference=str(uuid7()), **{**wish, **given})


def forget_words(person: Principal) -> int:
    closing.close(user_id=person.user_id)
    return services.forget_descriptions(person.user_id)


def words(moved: Transaction) -> str:
    return Transaction.objects.get(id=moved.id).description


def sound() -> bool:
    return not selectors.find_drift() and not selectors.find_unbalanced()


def exported(user: User) -> dict[str, Any]:
    file = BytesIO()
    archive.write(file, user_id=user.id, progress=lambda share: None)
    with ZipFile(file) as copy:
        return {name: json.loads(copy.read(name)) for name in copy.namelist() if name.startswith("finance_")}


# ---- words -----------------------------------------------------------------------------------------------------------


def test_words__of_a_payment__stay_until_both_sides_have_left(
    actor: Principal, stranger: Principal, wallet: Account, theirs: Account
) -> None:
    paid = pay(wallet, theirs, actor_id=actor.user_id)

    assert (forget_words(actor), words(paid)) == (0, "Invoice 2026-17")
    assert (forget_words(stranger), words(paid)) == (1, "")
    assert forget_words(stranger) == 0


def test_words__between_ones_own_accounts__go(actor: Principal, wallet: Account) -> None:
    taxes = open_wallet(actor, "Taxes", AccountKind.SAVINGS)
    moved = services.transfer(
        actor=actor, from_account=wallet.id, to_account=taxes.id, amount=Money(1, "USD"), description="For Zyxomma"
    )

    assert (forget_words(actor), words(moved)) == (1, "")


def test_words__while_a_colleague_sees_them__stay(
    actor: Principal, stranger: Principal, wallet: Account, finance_officer: User
) -> None:
    join(wallet, stranger.user_id)
    shared = services.adjust(
        actor_id=finance_officer.id, account_id=wallet.id, amount=Money(1, "USD"), reason="Goodwill.", key=uuid7()
    )
    own = open_wallet(actor)
    Account.objects.filter(id=own.id).update(owner=actor.user_id)
    alone = services.pay(
        to_account=own.id, amount=Money(1, "USD"), category=Category.GIG, reference="1", description="x"
    )

    assert (forget_words(actor), words(shared), words(alone)) == (1, "Goodwill.", "")


def test_erasure__of_a_host_with_a_guest__leaves_the_guest_what_they_shared(
    client: SignedInClient, stranger: Principal, wallet: Account, finance_officer: User
) -> None:
    join(wallet, stranger.user_id)
    shared = services.adjust(
        actor_id=finance_officer.id, account_id=wallet.id, amount=Money(1, "USD"), reason="Goodwill.", key=uuid7()
    )
    client.delete("/v1/auth/me")
    after_grace()

    assert Erasure.objects.get().status == "done"
    wallet.refresh_from_db()
    assert (wallet.name, wallet.owner_id, words(shared), unclaimed()) == ("Account", None, "Goodwill.", [])
    with pytest.raises(StillClaimed):
        pay_left(finance_officer, wallet)


def test_words__more_than_a_batch__go(actor: Principal, wallet: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finance.services.forgetting.BATCH", 2)
    for number in range(5):
        services.pay(
            to_account=wallet.id,
            amount=Money(1, "USD"),
            category=Category.GIG,
            reference=f"{number}",
            description=f"Gig {number}",
        )

    assert forget_words(actor) == 5
    assert not Transaction.objects.exclude(description="").exists()


def test_staff__who_leave__take_nothing_of_the_ledgers_of_others_along(finance_officer: User, wallet: Account) -> None:
    posted = services.adjust(
        actor_id=finance_officer.id, account_id=wallet.id, amount=Money(1, "USD"), reason="Fee 77.", key=uuid7()
    )
    join(wallet, finance_officer.id)

    assert {name: rows for name, rows in exported(finance_officer).items() if rows} == {}
    closing.close(user_id=finance_officer.id)
    assert services.forget_descriptions(finance_officer.id) == services.forget_accounts(finance_officer.id) == 0
    wallet.refresh_from_db()
    assert (words(posted), wallet.name) == ("Fee 77.", "Wallet")


def test_export__of_somebody_with_money__holds_all_of_it_once(
    freelancer: User, actor: Principal, wallet: Account
) -> None:
    taxes = open_wallet(actor, "Taxes", AccountKind.SAVINGS)
    services.transfer(actor=actor, from_account=wallet.id, to_account=taxes.id, amount=Money(1, "USD"))

    rows = exported(freelancer)

    counts = {name.removesuffix(".json"): len(found) for name, found in rows.items()}
    assert counts == {
        "finance_accounts": 2, "finance_exports": 0, "finance_payouts": 0, "finance_postings": 3,
        "finance_transactions": 2,
    }  # fmt: skip


# ---- payouts ---------------------------------------------------------------------------------------------------------


def test_payout__on_its_way__keeps_where_to_until_it_has_ended(actor: Principal, wallet: Account) -> None:
    ended, pending = (ask_for_payout(actor, wallet, minor) for minor in (10_00, 20_00))
    services.settle_payout(actor_id=None, payout_id=ended.id)

    with pytest.raises(NotYet):
        services.forget_payouts(actor.user_id)
    pending.refresh_from_db()
    assert bytes(pending.sealed_destination)
    services.fail_payout(actor_id=None, payout_id=pending.id, reason="Refused by the bank")

    assert services.forget_payouts(actor.user_id) == services.forget_payouts(actor.user_id) == 2
    for payout in (ended, pending):
        payout.refresh_from_db()
        assert (payout.destination, bytes(payout.sealed_destination)) == ("", b"")


def test_erasure__with_a_payout_on_its_way__waits_for_the_bank_and_goes_on(
    client: SignedInClient, actor: Principal, wallet: Account
) -> None:
    payout = ask_for_payout(actor, wallet)
    client.delete("/v1/auth/me")
    after_grace()
    waiting = Erasure.objects.get()
    assert (waiting.status, waiting.steps.get(name="finance_payouts").error) == (
        "running", "A payout is still on its way.",
    )  # fmt: skip
    assert User.objects.get(id=actor.user_id).full_name, "the bank asks whom it pays"

    services.settle_payout(actor_id=None, payout_id=payout.id)
    Erasure.objects.update(due_at=timezone.now())
    after_grace()

    assert Erasure.objects.get().status == "done"
    assert not Transaction.objects.exclude(description="").exists()
    assert not Payout.objects.exclude(destination="").exists()


@pytest.mark.parametrize("end", [services.settle_payout, partial(services.fail_payout, reason="No")])
@pytest.mark.parametrize("asked", [True, False])
def test_payout__of_ones_own__is_ended_by_a_colleague(
    finance_officer: User, actor: Principal, wallet: Account, end: Any, asked: bool
) -> None:
    payout = ask_for_payout(actor, wallet)
    if asked:
        Payout.objects.update(requested_by=finance_officer)
    else:
        join(wallet, finance_officer.id)

    with pytest.raises(OwnAccount):
        end(actor_id=finance_officer.id, payout_id=payout.id)

    payout.refresh_from_db()
    wallet.refresh_from_db()
    assert (payout.status, wallet.balance) == ("pending", 40_00)


def test_screen__payout_of_ones_own__says_who_may(
    finance_officer: User, principal_of: PrincipalOf, actor: Principal, wallet: Account
) -> None:
    own = principal_of(finance_officer)
    mine = open_wallet(own)
    put(mine, 100_00)
    payouts = [ask_for_payout(own, mine), ask_for_payout(actor, wallet)]
    chosen = {"_selected_action": [str(payout.id) for payout in payouts], "action": "settle"}

    page = browser_of(finance_officer).post(reverse("admin:finance_payout_changelist"), chosen, follow=True)

    assert OwnAccount.detail in page.content.decode()
    assert [Payout.objects.get(id=payout.id).status for payout in payouts] == ["pending", "paid"]


# ---- what is left in accounts ----------------------------------------------------------------------------------------


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def unclaimed() -> list[Account]:
    return list(Account.objects.unclaimed())


@pytest.fixture
def left(actor: Principal, wallet: Account) -> Account:
    """A wallet with a hundred dollars whose owner is gone."""
    closing.close(user_id=actor.user_id)
    services.forget_accounts(actor.user_id)
    wallet.refresh_from_db()
    return wallet


def pay_left(officer: User, account: Account, reason: str = "Bank transfer 77.") -> Transaction:
    return services.pay_unclaimed(actor_id=officer.id, account_id=account.id, reason=reason)


def test_erasure__with_money_left__keeps_it_where_staff_find_it_and_pay_it_out(
    client: SignedInClient, actor: Principal, wallet: Account, theirs: Account, finance_officer: User
) -> None:
    put(theirs, 5_00)
    assert unclaimed() == []
    assert client.delete("/v1/auth/me").status_code == 202
    after_grace()
    assert Erasure.objects.get().status == "done"
    assert "stays to be claimed" in json.dumps(Erasure.objects.get().receipt)

    screen, browser = reverse("admin:finance_account_changelist"), browser_of(finance_officer)
    shown = [browser.get(screen, query).content.decode() for query in ({"claim": "nobody"}, {"q": str(actor.user_id)})]
    wallet.refresh_from_db()
    assert (wallet.name, wallet.balance, wallet.owner_id) == ("Account", 100_00, actor.user_id)
    assert all(str(wallet.id) in page and str(theirs.id) not in page for page in shown)
    chosen = {"_selected_action": [str(wallet.id), str(theirs.id)], "action": "pay_unclaimed"}
    page = browser.post(screen, {**chosen, "reason": "Bank transfer 77."}, follow=True).content.decode()

    assert ("paid out." in page, StillClaimed.detail in page) == (True, True)
    assert (unclaimed(), sound()) == ([], True)
    wallet.refresh_from_db()
    theirs.refresh_from_db()
    assert (wallet.balance, theirs.balance) == (0, 5_00)
    assert AuditEntry.objects.get(action="ledger.unclaimed_paid").user_id == finance_officer.id


def test_unclaimed__of_who_is_suspended_or_while_a_colleague_is_left__is_none(
    actor: Principal, stranger: Principal, wallet: Account, finance_officer: User
) -> None:
    User.objects.filter(id=actor.user_id).update(is_active=False)
    assert unclaimed() == []
    join(wallet, stranger.user_id)
    closing.close(user_id=actor.user_id)

    assert unclaimed() == []
    with pytest.raises(StillClaimed):
        pay_left(finance_officer, wallet)


def test_unclaimed__what_comes_in_later__is_found_too(left: Account, finance_officer: User) -> None:
    pay_left(finance_officer, left)
    assert unclaimed() == []

    put(left, 1_00)

    assert unclaimed() == [left]
    pay_left(finance_officer, left)
    assert (unclaimed(), sound()) == ([], True)


def test_pay_unclaimed__what_cannot_be__moves_nothing(left: Account, finance_officer: User, theirs: Account) -> None:
    escrow = services.open_account(workspace_id=left.workspace_id, name="E", kind=AccountKind.ESCROW, currency="USD")  # type: ignore[arg-type]
    put(escrow, 1_00)
    put(theirs, 1_00)
    outside = Account.objects.get(kind=AccountKind.OUTSIDE)
    moved = Transaction.objects.count()

    refusals: list[tuple[Account, str, type[AppError]]] = [
        (left, " ", Invalid), (theirs, "x", StillClaimed), (escrow, "x", NotSpendable), (outside, "x", NotFound)
    ]  # fmt: skip
    for account, reason, error in refusals:
        with pytest.raises(error):
            pay_left(finance_officer, account, reason)

    assert Transaction.objects.count() == moved


@pytest.mark.django_db(transaction=True)
def test_pay_unclaimed__by_many_at_once__moves_once(left: Account, finance_officer: User) -> None:
    outcomes = race(*repeat(lambda: pay_left(finance_officer, left).id, 6))

    assert len({each for each in outcomes if not isinstance(each, Exception)}) == 1, outcomes
    assert all(isinstance(each, StillClaimed) for each in outcomes if isinstance(each, Exception)), outcomes
    left.refresh_from_db()
    assert (left.balance, sound()) == (0, True)
    assert AuditEntry.objects.filter(action="ledger.unclaimed_paid").count() == 1


def test_action__without_the_scope__is_offered_to_nobody(support: User, finance_officer: User, rf: Any) -> None:
    screen: Any = admin.site._registry[Account]
    request = rf.get("/")

    offered = []
    for request.user in (support, finance_officer):
        offered.append(set(screen.get_actions(request)))

    assert offered == [set(), {"pay_unclaimed"}]
