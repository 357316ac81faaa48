"""With a key, LaunchDarkly decides: its own SDK, against a server that speaks its protocol over a real socket."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from access.types import Principal
from accounts.models import User
from core.contributions.flags import Flag
from core.http.access import Audience
from experiments import providers
from experiments.selectors import get_flag, is_enabled
from finance.flags import WALLET_INSIGHTS
from tests.accounts.actors import PrincipalOf, SignIn
from tests.experiments.conftest import SetFlag
from tests.fakes.launchdarkly import SDK_KEY, LaunchDarkly, launchdarkly

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[LaunchDarkly]:
    with launchdarkly() as running:
        yield running
        providers.close()


@pytest.fixture
def decides(server: LaunchDarkly, settings: Settings) -> None:
    settings.LAUNCHDARKLY = {"sdk_key": SDK_KEY, "relay_url": server.url}
    providers.close()


@pytest.fixture
def actor(freelancer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(freelancer, Audience.ANDROID)


@pytest.mark.usefixtures("decides")
def test_flag__changed_at_launchdarkly__holds_without_asking(
    server: LaunchDarkly, actor: Principal, freelancer: User, sign_in: SignIn
) -> None:
    server.set(WALLET_INSIGHTS.name, on=True)
    client = sign_in(freelancer)
    assert client.get("/mobile/v2/wallet/insights").status_code == 200

    server.set(WALLET_INSIGHTS.name, on=False)
    assert eventually(lambda: not is_enabled(actor, WALLET_INSIGHTS))

    answer = client.get("/mobile/v2/wallet/insights")
    assert (answer.status_code, answer.json()["code"]) == (404, "feature_disabled")


@pytest.mark.usefixtures("decides", "trial")
@pytest.mark.parametrize(
    ("attribute", "values", "expected"),
    [
        ("roles", ["freelancer"], True),
        ("roles", ["client"], False),
        ("platform", ["android"], True),
        ("app_version", ["2024.08.1"], False),
        ("workspace", ["{workspace}"], True),
    ],
)
def test_flag__with_rules_at_launchdarkly__knows_what_they_name(
    server: LaunchDarkly, actor: Principal, attribute: str, values: list[str], expected: bool
) -> None:
    values = [value.format(workspace=actor.workspace_id) for value in values]
    clause = {"contextKind": "user", "attribute": attribute, "op": "in", "values": values, "negate": False}
    server.set("trial", on=True, rules=[clause])

    assert is_enabled(actor, get_flag("trial")) is expected


@pytest.mark.usefixtures("decides")
def test_flag__unknown_to_launchdarkly__is_as_declared_whatever_staff_set(
    actor: Principal, trial: Flag, set_flag: SetFlag
) -> None:
    set_flag(trial)

    assert not is_enabled(actor, trial)


@pytest.mark.usefixtures("decides")
def test_report__to_launchdarkly__names_nobody_but_by_id(
    server: LaunchDarkly, actor: Principal, freelancer: User
) -> None:
    server.set(WALLET_INSIGHTS.name, on=True)
    assert is_enabled(actor, WALLET_INSIGHTS)
    providers.close()  # sends what is waiting

    sent = str(_told(server))
    assert str(freelancer.id) in sent
    assert freelancer.email not in sent
    assert str(actor.workspace_id) not in sent


def test_flag__launchdarkly_cannot_be_reached__is_as_declared_and_soon(
    server: LaunchDarkly, settings: Settings, actor: Principal, trial: Flag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "START_WAIT", 0.2)
    settings.LAUNCHDARKLY = {"sdk_key": "sdk-wrong", "relay_url": server.url}
    providers.close()

    started = time.monotonic()
    assert is_enabled(actor, WALLET_INSIGHTS)
    assert not is_enabled(actor, trial)
    assert time.monotonic() - started < 2


def eventually(is_so: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not (found := is_so()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def _told(server: LaunchDarkly) -> list[Any]:
    found: list[Any] = server.reports.get(timeout=5)
    return found
