"""Believable money of the demo people, for development only: through the services, as if it had happened today."""

from random import Random

from accounts.selectors import find_by_email, find_home_workspace
from core.contributions.demo import Progress, demo_data
from core.money import Money
from finance import services
from finance.models import Account
from finance.types import AccountKind, Category

PEOPLE = ("freelancer", "client", "mentor")
_EARNED = (
    (Category.PROJECT, "Booking flow, second part", 180_000),
    (Category.GIG, "Logo for a bakery", 25_000),
    (Category.MENTORSHIP, "Mentoring: pricing", 9_000),
    (Category.GIG, "Landing page in two days", 64_000),
    (Category.PROJECT, "Migration guide", 95_000),
)
_PAYMENTS = 20
_FEE = 10  # per cent


@demo_data("ledgers", order=30)
def seed_demo_ledgers(progress: Progress) -> None:
    for done, mailbox in enumerate(PEOPLE, start=1):
        person = find_by_email(f"{mailbox}@demo.gigvora.com")
        home = find_home_workspace(person.pk) if person else None
        if home:
            services.open_first_accounts(workspace_id=home.id, currency=home.currency)
            wallet = Account.objects.get(workspace_id=home.id, kind=AccountKind.WALLET, is_main=True)
            if not wallet.postings.exists():
                _earn(wallet)
        progress(done / len(PEOPLE))


def _earn(wallet: Account) -> None:
    chance = Random(wallet.id.int)  # noqa: S311  demo data, not secrets
    for number in range(_PAYMENTS):
        category, description, usual = chance.choice(_EARNED)
        amount = usual + chance.randrange(0, 5_000)
        services.pay(
            to_account=wallet.id,
            amount=Money(amount, wallet.currency),
            category=category,
            fee=amount * _FEE // 100,
            description=description,
            reference=f"demo:{wallet.id}:{number}",
        )
