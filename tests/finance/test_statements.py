"""The ledger as a file: the same rows in the same order as `GET /ledger`, in constant memory."""

import csv
import io
import re
import tempfile
import tracemalloc
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import time_machine
from django.core.files.storage import storages
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st
from pypdf import PdfReader

from access.types import Principal
from accounts.models import User
from core.contributions.notices import Recipient
from core.db.ids import uuid7
from core.money import Money, formatted
from core.testing.queries import counted_queries
from finance import selectors, services, statements
from finance.models import Account, LedgerExport
from finance.services import exports
from finance.statements import layout, letters, pages, workbook
from finance.types import AccountKind, Category, ExportFormat, Line
from tests.accounts.actors import SignedInClient, SignIn
from tests.finance.conftest import ask, ledger, made, open_wallet, put, read_csv

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


@pytest.fixture
def moved(wallet: Account, actor: Principal) -> Account:
    """A wallet with payments in, one of them described in several alphabets, and a transfer out of it."""
    put(wallet, 1)
    services.pay(
        to_account=wallet.id,
        amount=Money(12_345_67, "USD"),
        category=Category.PROJECT,
        reference="",
        description='Żółć, «Привет», "quoted"; 50 % now',
    )
    taxes = open_wallet(actor, "Taxes", AccountKind.SAVINGS)
    services.transfer(
        actor=actor, from_account=wallet.id, to_account=taxes.id, amount=Money(30_50, "USD"), description="Q4"
    )
    return wallet


def test_csv__read_back__is_the_ledger(client: SignedInClient, moved: Account) -> None:
    found = read_csv(made(client, "csv"))

    assert [row["description"] for row in found].count("Q4") == 2
    assert found == [
        {
            "id": row["id"], "posted_at": row["posted_at"], "account_id": row["account_id"],
            "account": "Wallet" if row["account_id"] == str(moved.id) else "Taxes",
            "transaction_id": row["transaction_id"], "kind": row["kind"], "category": row["category"],
            "description": row["description"], "amount": row["amount"]["amount"],
            "balance": row["balance"]["amount"], "currency": row["amount"]["currency"],
        }
        for row in ledger(client)
    ]  # fmt: skip


def test_xlsx__read_back__is_the_ledger(client: SignedInClient, moved: Account) -> None:
    book = openpyxl.load_workbook(io.BytesIO(made(client, "xlsx")))

    titles, *rows = book.active.iter_rows(values_only=True)
    assert titles == layout.COLUMNS
    found = [dict(zip(titles, row, strict=True)) for row in rows]
    for row, shown in zip(found, ledger(client), strict=True):
        assert [str(row[name]) for name in ("id", "account_id", "transaction_id", "kind", "category")] == [
            shown[name] for name in ("id", "account_id", "transaction_id", "kind", "category")
        ]
        assert (row["description"] or "") == shown["description"]
        assert (f"{row['amount']:.2f}", f"{row['balance']:.2f}") == (
            shown["amount"]["amount"], shown["balance"]["amount"],
        )  # fmt: skip
        posted_at = datetime.fromisoformat(shown["posted_at"])
        assert abs(row["posted_at"].replace(tzinfo=UTC) - posted_at) < timedelta(seconds=1)


def test_pdf__read_back__is_the_ledger_as_its_reader_writes_it(
    freelancer: User, sign_in: SignIn, moved: Account
) -> None:
    User.objects.filter(id=freelancer.id).update(locale="de-DE", timezone="Europe/Berlin")
    freelancer.refresh_from_db()
    client = sign_in(freelancer)

    pages = PdfReader(io.BytesIO(made(client, "pdf"))).pages
    text = "".join(page.extract_text() for page in pages).replace("\xa0", " ")

    assert len(pages) == 1
    amounts = [
        formatted(row[name]["minor_units"], "USD", "de-DE").replace("\xa0", " ")
        for row in ledger(client)
        for name in ("amount", "balance")
    ]
    at = 0
    for amount in amounts:  # all of them, in the order of the ledger
        at = text.index(amount, at) + len(amount)
    assert "12.345,67 $" in text
    assert "Żółć, «Привет»" in text
    assert "(Europe/Berlin)" in text


def test_export__of_a_span__holds_that_alone_and_nothing_posted_later(client: SignedInClient, wallet: Account) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=3)):
        put(wallet, 3)
    begins = (timezone.now() - timedelta(days=1)).isoformat().replace("+00:00", "Z")
    ask(client, "csv", **{"from": begins, "to": "2090-01-01T00:00:00Z"})
    put(wallet, 7)
    exports.make_due()

    export = LedgerExport.objects.get()
    with storages["private"].open(export.file) as file:
        assert [row["amount"] for row in read_csv(file.read())] == ["100.00"]


def test_export__of_a_colleague__leaves_out_what_is_mine_alone(
    client: SignedInClient, wallet: Account, actor: Principal, stranger: Principal
) -> None:
    Account.objects.filter(id=wallet.id).update(owner_id=stranger.user_id)

    assert read_csv(made(client)) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("  =1+1", "'  =1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        (";=1", ";'=1"),
        ("a;=1;-2", "a;'=1;'-2"),
        ("a\t=1", "a\t'=1"),
        ("a\n+1", "a\n'+1"),
        ("a\r\n@1", "a\r'\n'@1"),
        ('a; "=1"', 'a;\' "=1"'),
    ],
)
def test_row_69__formula_in_a_description__is_text_in_every_spreadsheet(
    client: SignedInClient, actor: Principal, text: str, shown: str
) -> None:
    account = open_wallet(actor, name=text)
    services.pay(to_account=account.id, amount=Money(5, "USD"), category=Category.GIG, reference="", description=text)

    [row] = read_csv(made(client, "csv"))
    sheet = openpyxl.load_workbook(io.BytesIO(made(client, "xlsx"))).active

    assert (row["account"], row["description"], row["amount"]) == (shown, shown, "0.05")
    assert [cell.data_type for cell in sheet[2]].count("f") == 0
    assert str(sheet["H2"].value).count("'") == shown.count("'")


PIECES = st.sampled_from(["=", "+", "-", "@", "\uff1d", ";", "\t", "\r", "\n", '"', "'", ",", " ", "a", "1"])
NUMBER = re.compile(r"-?[0-9]+\.[0-9]{2}")


@given(account=st.lists(PIECES, max_size=8).map("".join), description=st.lists(PIECES, max_size=8).map("".join))
@example(account=";=1", description="a;=1")
@example(account='"=1', description=';"=1"')
@example(account="a;", description='a;"')
@example(account="a\r\n=1", description="a\t=1\n-1")
def test_row_69__any_text_read_with_any_separator__begins_no_formula(account: str, description: str) -> None:
    line = next(lines(1))._replace(account=account, description=description, amount=-100, balance=-100)
    file = io.BytesIO()
    statements.write(file, [line, line], about("csv"))
    text = file.getvalue().decode()

    for separator in ",;\t":
        cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]
        begun = [cell for cell in cells if cell.lstrip().startswith(tuple("=+-@\uff1d")) and not NUMBER.fullmatch(cell)]
        assert begun == [], separator
    assert text.count(',-1.00,-1.00,"USD"\r\n') == 2  # numbers are not quoted; all else is


def test_row_69__text_without_a_formula__stays_as_it_was() -> None:
    for text in ("", "Żółć; 50 % now", "a-b", "1 + 1 = 2", "one\r\ntwo\n\nthree", 'He said "no"; she, "yes"'):
        assert layout.inert(text) == text


def test_row_69__amounts_below_nothing__stay_numbers(client: SignedInClient, moved: Account) -> None:
    assert "-30.50" in [row["amount"] for row in read_csv(made(client, "csv"))]
    sheet = openpyxl.load_workbook(io.BytesIO(made(client, "xlsx"))).active
    assert -30.5 in [cell.value for cell in sheet["I"]]


def test_lines__of_many_movements_at_one_moment__come_once_each_in_the_ledgers_order(
    client: SignedInClient, wallet: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        for minor in range(1, 8):
            put(wallet, minor)
    monkeypatch.setattr(selectors, "LINES_AT_ONCE", 3)

    found = read_csv(made(client))

    assert [row["id"] for row in found] == [row["id"] for row in ledger(client)]


def test_lines__of_a_batch__cost_one_query_however_many_they_are(
    client: SignedInClient, wallet: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(11):
        put(wallet, 1)
    ask(client)
    export = LedgerExport.objects.get()
    costs = []
    for size in (3, 6):
        monkeypatch.setattr(selectors, "LINES_AT_ONCE", size)
        with counted_queries() as counted:
            batches = list(selectors.ledger_lines(export))
        costs.append((len(counted), [len(batch) for batch in batches]))

    assert costs == [(5, [3, 3, 3, 3]), (3, [6, 6])]  # and one that finds no more


NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def about(kind: str) -> statements.About:
    return statements.About(kind, NOW - timedelta(days=30), NOW, Recipient(uuid7(), "en", ZoneInfo("UTC")))


def lines(count: int) -> Iterator[Line]:
    """As many movements as wanted, none of which is kept by whoever makes them."""
    one = uuid7()
    for number in range(count):
        yield Line(
            uuid7(), NOW - timedelta(seconds=number), one, "Wallet", one, "payment", "gig", f"No. {number}", number,
            10**12 + number, "USD",
        )  # fmt: skip


def peak(kind: str, count: int, path: Path) -> int:
    """The most bytes that writing so many lines held at once."""
    with (path / "file").open("wb") as target:
        tracemalloc.start()
        statements.write(target, lines(count), about(kind))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most


@pytest.mark.parametrize("kind", [ExportFormat.CSV, ExportFormat.XLSX])
def test_write__ten_times_the_lines__takes_no_more_memory(kind: str, tmp_path: Path) -> None:
    peak(kind, 10, tmp_path)  # what the library keeps once and for all

    few, many = peak(kind, 5_000, tmp_path), peak(kind, 50_000, tmp_path)

    assert many < 1.2 * few + 64 * 1024, (few, many)


def test_pdf__as_long_as_it_may_be__stays_small(tmp_path: Path) -> None:
    assert peak("pdf", layout.PDF_LINES, tmp_path) < 24 * 1024 * 1024


def test_export__many_rows__are_never_in_memory_together(
    client: SignedInClient, wallet: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "LINES_AT_ONCE", 20)
    most: list[int] = []
    for _ in range(2):
        for _ in range(100 if most else 20):
            put(wallet, 1)
        ask(client)
        tracemalloc.start()
        assert exports.make_due() == 1
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert most[1] < 1.5 * most[0], most


def test_pdf__too_many_lines_after_all__is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PDF_LINES", 2)
    with pytest.raises(ValueError, match="at most 2 lines"):
        statements.write(io.BytesIO(), lines(3), about("pdf"))


def test_pdf__of_many_lines__numbers_its_pages_and_leaves_none_out() -> None:
    target = io.BytesIO()
    statements.write(target, lines(200), about("pdf"))

    found = PdfReader(target).pages
    texts = [page.extract_text() for page in found]
    assert len(found) > 3
    assert [sum(f"No. {number}\n" in f"{text}\n" for text in texts) for number in range(200)] == [1] * 200
    assert all(f"Page {number}" in text.split("\n")[1] for number, text in enumerate(texts, start=1))


@pytest.mark.parametrize("text", ["", " ", "short", "word " * 60, "w" * 300, "a\nb\tc", "漢字" * 80, "\u202eabc"])
def test_pdf__long_or_odd_text__is_broken_and_whole(text: str) -> None:
    broken = pages_wrapped(text)

    assert "".join(broken).replace(" ", "") == "".join(text.split())
    assert all(letters.width_of(each, pages.SIZE) <= 200 for each in broken)


def pages_wrapped(text: str) -> list[str]:
    return pages._wrapped(text, 200)


@pytest.mark.parametrize("text", ["Logo 東京デザイン", "请款 第七号", "디자인 비용 7", "Żółć, «Привет»", "ok"])
def test_pdf__any_script__is_written_in_a_font_that_has_it(text: str) -> None:
    [line] = lines(1)
    target = io.BytesIO()
    statements.write(target, [line._replace(description=text)], about("pdf"))

    [page] = PdfReader(target).pages
    found = page.extract_text().replace(" ", "")
    assert all(part in found for part in text.split(" "))
    assert "\u25a1" not in found


def test_pdf__picture_that_no_font_has__is_shown_as_missing() -> None:
    assert list(letters.runs("hi 🦩!")) == [(letters.FONT, "hi "), (letters.FONT, "\u25a1"), (letters.FONT, "!")]


def test_pdf__enormous_amount__stays_in_its_column_in_one_piece() -> None:
    [line] = lines(1)
    target = io.BytesIO()
    statements.write(target, [line._replace(amount=10**18 - 1, balance=-(10**18))], about("pdf"))

    [page] = PdfReader(target).pages
    text = page.extract_text().replace("\xa0", " ")
    assert formatted(10**18 - 1, line.currency, "en") in text
    assert formatted(-(10**18), line.currency, "en") in text


def test_xlsx__more_rows_than_a_sheet_has__goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS_OF_A_SHEET", 2)
    target = io.BytesIO()
    statements.write(target, lines(5), about("xlsx"))

    sheets = openpyxl.load_workbook(target).worksheets
    assert [sheet.max_row for sheet in sheets] == [3, 3, 2]
    assert [row[7].value for sheet in sheets for row in sheet.iter_rows(min_row=2)] == [f"No. {n}" for n in range(5)]


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [(10**15 - 1, "USD", 9_999_999_999_999.99), (10**15, "USD", "10000000000000.00"), (7, "JPY", 7), (1, "KWD", 0.001)],
)
def test_xlsx__amount__is_exact_or_text(minor: int, currency: str, shown: Any) -> None:
    [line] = lines(1)
    target = io.BytesIO()
    statements.write(target, [line._replace(amount=minor, currency=currency)], about("xlsx"))

    assert openpyxl.load_workbook(target).active["I2"].value == shown


def test_xlsx__its_maker_stopped__leaves_nothing_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def stopped() -> Iterable[Line]:
        yield from lines(3)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        statements.write(io.BytesIO(), stopped(), about("xlsx"))
    assert list(tmp_path.iterdir()) == []


def test_text__with_control_characters__is_readable_in_every_format() -> None:
    [line] = lines(1)
    odd = line._replace(description='a\x01b\x1b[31m\r\nc,";')
    for kind in ExportFormat:
        target = io.BytesIO()
        statements.write(target, [odd], about(kind))
        assert target.tell()
    [row] = read_csv(_written("csv", odd))
    assert row["description"] == odd.description
    assert "a" in str(openpyxl.load_workbook(io.BytesIO(_written("xlsx", odd))).active["H2"].value)


def _written(kind: str, line: Line) -> bytes:
    target = io.BytesIO()
    statements.write(target, [line], about(kind))
    return target.getvalue()
