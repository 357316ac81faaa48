"""People with money, and the files they ask for."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from pytest_django import Settings

from access.types import Principal
from accounts.models import User
from core.money import Money
from finance import services
from finance.models import Account
from finance.services import exports
from finance.types import AccountKind, Category
from tests.accounts.actors import PrincipalOf, SignedInClient, SignIn

EXPORTS = "/v1/finance/exports"
EVER = {"from": "2020-01-01", "to": "2090-01-01"}


@pytest.fixture
def actor(freelancer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(freelancer)


@pytest.fixture
def stranger(other_freelancer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(other_freelancer)


@pytest.fixture
def wallet(actor: Principal) -> Account:
    """The actor's wallet, with a hundred dollars."""
    account = open_wallet(actor)
    put(account, 100_00)
    return account


@pytest.fixture
def client(freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(freelancer)


@pytest.fixture
def other(other_freelancer: User, sign_in: SignIn) -> SignedInClient:
    return sign_in(other_freelancer)


@pytest.fixture
def own_files(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Files of a test are its own, and nothing is remembered of others."""
    home = {"location": str(tmp_path / "private")}
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": home},
    }
    cache.clear()
    yield
    cache.clear()


def open_wallet(owner: Principal, name: str = "Wallet", kind: AccountKind = AccountKind.WALLET) -> Account:
    assert owner.workspace_id
    return services.open_account(workspace_id=owner.workspace_id, name=name, kind=kind, currency="USD")


def put(account: Account, minor: int, category: Category = Category.GIG) -> None:
    """Let money come in from outside."""
    services.pay(to_account=account.id, amount=Money(minor, account.currency), category=category, reference="")
    account.refresh_from_db()


def ask(client: SignedInClient, format: str = "csv", **period: str) -> str:  # noqa: A002
    answer = client.post(EXPORTS, {"format": format, **(period or EVER)}, format="json")
    assert answer.status_code == 202, answer.content
    return str(answer.json()["id"])


def link_of(client: SignedInClient, export_id: str) -> str:
    shown = client.get(f"{EXPORTS}/{export_id}").json()
    assert shown["status"] == "ready", shown
    return str(shown["_links"]["download"]["href"])


def made(client: SignedInClient, format: str = "csv", **period: str) -> bytes:  # noqa: A002
    export_id = ask(client, format, **period)
    assert exports.make_due() == 1
    answer: Any = client.get(link_of(client, export_id))
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def ledger(client: SignedInClient) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get("/v1/finance/ledger?limit=100").json()["data"]
    return rows


def files() -> list[str]:
    return sorted(storages["private"].listdir(exports.FOLDER)[1])
