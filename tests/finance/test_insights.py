"""Insights: whatever is asked, the sums are the ledger's, converted at the rate of each day and rounded once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, product
from typing import Any
from unittest.mock import ANY
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from access.types import Principal
from accounts.models import User, Workspace
from finance import rates, selectors
from finance.insights import Asked, Movement, insights, rounded
from finance.models import Account, Posting
from finance.periods import DEFAULTS, Granularity, Period, Span, divided, previous, span_of
from finance.types import Category
from tests.accounts.actors import SignedInClient, SignIn
from tests.finance.conftest import open_wallet, put

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "start", "before"),
    [
        ("7d", date(2026, 11, 14), Span(date(2026, 11, 7), date(2026, 11, 13))),
        ("30d", date(2026, 10, 22), Span(date(2026, 9, 22), date(2026, 10, 21))),
        ("90d", date(2026, 8, 23), Span(date(2026, 5, 25), date(2026, 8, 22))),
        ("mtd", date(2026, 11, 1), Span(date(2026, 10, 1), date(2026, 10, 20))),
        ("qtd", date(2026, 10, 1), Span(date(2026, 7, 1), date(2026, 8, 20))),
        ("ytd", date(2026, 1, 1), Span(date(2025, 1, 1), date(2025, 11, 20))),
        ("12m", date(2025, 11, 21), Span(date(2024, 11, 21), date(2025, 11, 20))),
    ],
)
def test_span__of_each_period__and_what_it_is_compared_with(period: str, start: date, before: Span) -> None:
    span = span_of(Period(period), TODAY)

    assert (span, previous(Period(period), span)) == (Span(start, TODAY), before)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.sampled_from(Period), st.sampled_from(Granularity))
def test_divided__any_span__is_covered_without_gap_or_overlap(
    today: date, period: Period, granularity: Granularity
) -> None:
    span = span_of(period, today)
    parts = list(divided(span, granularity))

    assert (parts[0].start, parts[-1].end) == (span.start, span.end)
    for one, following in pairwise(parts):
        assert following.start == one.end + timedelta(days=1)


def test_rate__of_a_day_without_one__is_that_of_the_last_before() -> None:
    friday, sunday = date(2026, 9, 4), date(2026, 9, 6)

    assert rates.rate("USD", "EUR", sunday) == rates.rate("USD", "EUR", friday)
    assert rates.rate("USD", "USD", sunday) == 1
    assert rates.rate("EUR", "JPY", friday) == pytest.approx(Decimal(170), abs=Decimal(40))
    assert rates.rate("USD", "EUR", date(1990, 1, 1)) is None
    assert rates.rate("KWD", "EUR", friday) is None


movements = st.lists(
    st.builds(
        Movement,
        day=st.dates(date(2025, 11, 21), TODAY),
        currency=st.sampled_from(["USD", "EUR", "JPY", "GBP"]),
        category=st.sampled_from([word.value for word in Category]),
        net=st.integers(-(10**9), 10**9).filter(bool),
    ),
    max_size=40,
)


@settings(deadline=None)  # the first example reads the rates
@given(movements, st.sampled_from(Granularity), st.sampled_from(["USD", "EUR", "JPY", "KRW"]))
def test_insights__any_movements__every_way_of_summing_gives_the_same(
    moved: list[Movement], granularity: Granularity, currency: str
) -> None:
    span = span_of(Period.TWELVE_MONTHS, TODAY)

    found = insights(moved, span, granularity, currency)

    exact = sum((Decimal(each.net) * _rate(each, currency) for each in moved), Decimal(0))
    for flows in ([found.totals], [flow for _, flow in found.series], [flow for _, flow in found.categories]):
        assert sum(flow.count for flow in flows) == len(moved)
        assert abs(sum((flow.net for flow in flows), Decimal(0)) - exact) < Decimal("1e-9")
    assert abs(rounded(found.totals.net, currency).minor - exact) <= Decimal("0.500000001")


def _rate(movement: Movement, currency: str) -> Decimal:
    digits = {"JPY": 0, "KRW": 0}
    rate = rates.rate(movement.currency, currency, movement.day)
    assert rate is not None
    return rate.scaleb(digits.get(currency, 2) - digits.get(movement.currency, 2))


def test_insights__no_rate_for_a_currency__is_said_and_left_out() -> None:
    moved = [Movement(TODAY, "KWD", "gig", 5), Movement(TODAY, "USD", "gig", 7)]

    found = insights(moved, Span(TODAY, TODAY), Granularity.DAY, "USD")

    assert (found.unconverted, found.totals.net, found.totals.count) == (["KWD"], Decimal(7), 1)


@pytest.fixture
def history(actor: Principal) -> Account:
    """A wallet whose money came in on several days of two years, and went out on some."""
    account = open_wallet(actor)
    days = (0, 1, 6, 7, 19, 20, 29, 30, 50, 89, 90, 140, 364, 365, 400, 700)
    for number, ago in enumerate(sorted(days, reverse=True)):
        with time_machine.travel(NOON - timedelta(days=ago), tick=False):
            put(account, 1000 + number, Category.GIG if number % 2 else Category.PROJECT)
    return account


@pytest.mark.parametrize(("period", "granularity"), list(product(Period, Granularity)))
def test_wallet_insights__every_combination__equals_the_ledger(
    actor: Principal, history: Account, period: Period, granularity: Granularity
) -> None:
    zone = ZoneInfo("Pacific/Auckland")
    found = selectors.wallet_insights(actor, Asked(period, granularity, "USD"), today=date(2026, 11, 21), zone=zone)

    span = span_of(period, date(2026, 11, 21))
    rows = Posting.objects.filter(account=history).values_list("posted_at", "amount")
    inside = [amount for at, amount in rows if span.start <= at.astimezone(zone).date() <= span.end]
    assert found.totals.net.minor == sum(inside)
    assert found.totals.count == len(inside)
    assert sum(part.net.minor for part in found.series) == sum(inside)
    assert sum(part.net.minor for part in found.by_category) == sum(inside)


def asked(client: SignedInClient, query: str = "") -> Any:
    with time_machine.travel(NOON, tick=False):
        return client.get(f"/mobile/v2/wallet/insights{query}")


@pytest.fixture
def client(freelancer: User, sign_in: SignIn) -> SignedInClient:
    with time_machine.travel(NOON, tick=False):
        return sign_in(freelancer)


def test_wallet_insights__asked_plainly__is_the_last_thirty_days(client: SignedInClient, history: Account) -> None:
    body = asked(client).json()

    def money(minor: int) -> dict[str, Any]:
        text = f"{minor / 100:.2f}"
        sign, digits = ("-", text[1:]) if minor < 0 else ("", text)
        return {"amount": text, "currency": "USD", "minorUnits": minor, "formatted": f"{sign}${digits}"}

    assert body == {
        "period": "30d", "granularity": "day", "currency": "USD",
        "totals": {"inflow": money(7_084), "outflow": money(0), "net": money(7_084), "count": 7},
        "series": ANY, "byCategory": ANY,
        "comparison": {
            "previousPeriod": {
                "start": "2026-09-22", "end": "2026-10-21", "inflow": money(2_015), "outflow": money(0),
                "net": money(2_015), "count": 2,
            },
            "netChange": money(5_069),
        },
        "fx": {"asOf": ANY, "source": "European Central Bank, euro foreign exchange reference rates"},
        "unconverted": [],
    }  # fmt: skip
    assert [part["start"] for part in body["series"]] == sorted(part["start"] for part in body["series"])
    assert {entry["category"] for entry in body["byCategory"]} == {"gig", "project"}


@pytest.mark.parametrize("period", Period)
def test_wallet_insights__granularity_not_given__follows_from_the_period(
    client: SignedInClient, history: Account, period: Period
) -> None:
    assert asked(client, f"?period={period}").json()["granularity"] == DEFAULTS[period]


@pytest.mark.parametrize(
    ("query", "pointer", "named"), [("period=1d", "/period", "7d, 30d, 90d, mtd, qtd, ytd, 12m"),
                                    ("granularity=hour", "/granularity", "day, week, month"),
                                    ("currency=XAU", "/currency", "EUR, AUD"), ("currency=TRL", "/currency", "TRY"),
                                    ("currency=usd", "/currency", "USD")]
)  # fmt: skip
def test_wallet_insights__something_that_is_not_there__names_the_choices(
    client: SignedInClient, query: str, pointer: str, named: str
) -> None:
    answer = asked(client, f"?{query}")

    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, pointer)
    assert named in error["message"]


def test_wallet_insights__without_the_scope__is_refused(marketer: User, sign_in: SignIn) -> None:
    answer = sign_in(marketer).get("/mobile/v2/wallet/insights")

    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


def test_wallet_insights__any_period__costs_two_queries_of_the_ledger(
    client: SignedInClient, history: Account, django_assert_max_num_queries: Any
) -> None:
    asked(client)
    with django_assert_max_num_queries(4):
        asked(client, "?period=12m")


def test_wallet_insights__in_a_currency_quoted_no_more__as_of_is_its_last_day(
    client: SignedInClient, history: Account
) -> None:
    assert asked(client, "?currency=RUB").json()["fx"]["asOf"] == "2022-03-01"


@pytest.mark.parametrize("ago", [1, 40])  # days: in the period, and in the one before it
def test_wallet_insights__one_of_several_currencies_is_quoted_no_more__is_the_oldest(
    actor: Principal, client: SignedInClient, history: Account, ago: int
) -> None:
    assert actor.workspace_id
    roubles = open_wallet(actor, "Roubles")
    Account.objects.filter(id=roubles.id).update(currency="RUB")
    roubles.refresh_from_db()
    assert asked(client).json()["fx"]["asOf"] > "2025"
    with time_machine.travel(NOON - timedelta(days=ago), tick=False):
        put(roubles, 1)

    assert asked(client).json()["fx"]["asOf"] == "2022-03-01"
    used_in_a_week = asked(client, "?period=7d").json()["fx"]["asOf"] == "2022-03-01"
    assert used_in_a_week is (ago == 1)


def test_quoted_until__currencies_that_never_were__are_no_bound() -> None:
    newest = rates.quoted_until([])

    assert newest > date(2025, 1, 1)
    assert rates.quoted_until(["EUR", "AED"]) == newest
    assert rates.quoted_until(["AED", "RUB", "USD"]) == date(2022, 3, 1)


@pytest.fixture
def dirhams(actor: Principal, history: Account) -> Account:
    """A wallet in the currency of the workspace, which has no rates, beside dollars."""
    assert actor.workspace_id
    Workspace.objects.filter(id=actor.workspace_id).update(currency="AED")
    wallet = open_wallet(actor, "Dirhams")
    Account.objects.filter(id=wallet.id).update(currency="AED")
    wallet.refresh_from_db()
    with time_machine.travel(NOON, tick=False):
        put(wallet, 12_34)
    return wallet


@pytest.mark.parametrize("query", ["", "?currency=AED"])
def test_wallet_insights__currency_of_the_workspace_has_no_rates__is_summed_as_it_is(
    client: SignedInClient, dirhams: Account, query: str
) -> None:
    body = asked(client, query).json()

    assert (body["currency"], body["totals"]["net"]["minorUnits"], body["totals"]["count"]) == ("AED", 12_34, 1)
    assert body["unconverted"] == ["USD"]
    assert body["fx"]["asOf"] > "2025"


def test_wallet_insights__another_currency_without_rates__names_the_choices(
    client: SignedInClient, dirhams: Account
) -> None:
    answer = asked(client, "?currency=KWD")

    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, "/currency", "invalid_choice")
    assert "EUR, AUD" in error["message"]


def test_wallet_insights__workspace_without_a_real_currency__says_what_to_choose(
    actor: Principal, client: SignedInClient
) -> None:
    assert actor.workspace_id
    Workspace.objects.filter(id=actor.workspace_id).update(currency="XXX")

    answer = asked(client)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/currency")
    assert asked(client, "?currency=USD").status_code == 200
