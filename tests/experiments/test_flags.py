"""Flags as the platform asks for them: what staff set holds at once, everywhere, and costs nothing to ask."""

import threading
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError

from access.models import AuditEntry
from access.types import Principal
from accounts.models import User
from core.contributions.flags import Flag
from core.http.access import Audience
from events.models import OutboxEvent
from experiments import held, services
from experiments.errors import InvalidSetting, UnknownFlag
from experiments.models import FeatureFlag, FlagException
from experiments.selectors import flags_told_to, is_enabled
from experiments.types import Setting, State
from finance.flags import WALLET_INSIGHTS
from tests.accounts.actors import PrincipalOf, SignIn
from tests.experiments.conftest import ADA, SetFlag

pytestmark = pytest.mark.django_db
INSIGHTS = "/mobile/v2/wallet/insights"


@pytest.fixture
def actor(freelancer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(freelancer, Audience.IOS)


def test_flag__nobody_has_set_it__is_as_declared(actor: Principal, trial: Flag) -> None:
    assert not is_enabled(actor, trial)
    assert is_enabled(actor, WALLET_INSIGHTS)


def test_flags_told_to__somebody__are_all_but_those_that_are_ours_alone(
    actor: Principal, trial: Flag, set_flag: SetFlag
) -> None:
    told = flags_told_to(actor)

    assert {name: told[name] for name in ("trial", WALLET_INSIGHTS.name)} == {
        "trial": False,
        WALLET_INSIGHTS.name: True,
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"roles": frozenset({"freelancer"}), "platforms": frozenset({"ios"}), "since": "2024.09"}, True),
        ({"roles": frozenset({"client"})}, False),
        ({"platforms": frozenset({"web"})}, False),
        ({"before": "2024.09"}, False),
        ({"rollout": 0}, False),
    ],
)
def test_flag__set_for_some__is_on_for_those_that_the_principal_is_of(
    actor: Principal, trial: Flag, set_flag: SetFlag, given: dict[str, Any], expected: bool
) -> None:
    set_flag(trial, **given)

    assert is_enabled(actor, trial) is expected


def test_flag__with_exceptions__knows_people_and_workspaces(
    actor: Principal, other_freelancer: User, principal_of: PrincipalOf, trial: Flag, set_flag: SetFlag
) -> None:
    other = principal_of(other_freelancer)
    set_flag(
        trial, always_off=frozenset({str(actor.user_id)}), always_on=frozenset({str(other.workspace_id)}), rollout=0
    )

    assert not is_enabled(actor, trial)
    assert is_enabled(other, trial)
    assert set(FlagException.objects.values_list("user_id", "workspace_id", "is_on")) == {
        (actor.user_id, None, False),
        (None, other.workspace_id, True),
    }


def test_flag__asked_again_and_again__costs_no_query_and_no_look_into_the_cache(
    actor: Principal, trial: Flag, set_flag: SetFlag, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_flag(trial)
    assert is_enabled(actor, trial)
    monkeypatch.setattr(type(cache._connections["default"]), "get", _fail)  # type: ignore[attr-defined]

    with django_assert_num_queries(0):
        assert all(is_enabled(actor, trial) for _ in range(100))


def test_flag__set_by_another_process__holds_from_the_next_request_on(
    freelancer: User, sign_in: SignIn, set_flag: SetFlag
) -> None:
    client = sign_in(freelancer)
    assert client.get(INSIGHTS).status_code == 200

    FeatureFlag.objects.filter(name=WALLET_INSIGHTS.name).update(state=State.OFF)
    assert client.get(INSIGHTS).status_code == 200, "nothing says yet that rows have changed"
    cache.set(held.CHANGED.key, "another process has committed")

    assert client.get(INSIGHTS).status_code == 404


def test_flag__changed_while_the_rows_are_read__is_read_once_more(
    actor: Principal, trial: Flag, set_flag: SetFlag, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = held.read_settings

    def slow_read() -> dict[str, Setting]:
        found = read()
        monkeypatch.setattr(held, "read_settings", read)
        set_flag(trial)
        return found

    monkeypatch.setattr(held, "read_settings", slow_read)

    assert not is_enabled(actor, trial)
    assert is_enabled(actor, trial)


def test_flag__without_a_database__is_what_was_known_last_or_declared(
    actor: Principal, trial: Flag, set_flag: SetFlag, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_flag(trial)
    assert is_enabled(actor, trial)
    monkeypatch.setattr(held, "read_settings", _lost)
    held.CHANGED.see("changed")

    assert is_enabled(actor, trial)
    held.copy.forget()
    assert not is_enabled(actor, trial)


def test_set_flag__goes_on_record_and_tells_what_changed(trial: Flag, set_flag: SetFlag) -> None:
    set_flag(trial)
    set_flag(trial, rollout=10, roles=frozenset({"mentor"}))
    set_flag(trial, rollout=10, roles=frozenset({"mentor"}))

    entries = AuditEntry.objects.filter(action="flag.set").order_by("id")
    assert [(entry.user_id, entry.target_id, entry.reason, entry.details) for entry in entries] == [
        (ADA, "trial", "trial", {"changed": {"state": ["declared", "on"]}}),
        (ADA, "trial", "trial", {"changed": {"rollout": [100, 10], "roles": [[], ["mentor"]]}}),
    ]
    assert (
        list(OutboxEvent.objects.filter(name="flag.set").values_list("payload", flat=True))
        == [{"flag": "trial", "state": "on"}] * 2
    )


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        (Setting(since="9.1"), InvalidSetting),
        (Setting(since="2024.09", before="2024.09"), InvalidSetting),
        (Setting(always_on=frozenset({str(ADA)}), always_off=frozenset({str(ADA)})), InvalidSetting),
        (Setting(always_on=frozenset({str(ADA)})), InvalidSetting),
    ],
)
def test_set_flag__to_what_makes_no_sense__changes_nothing(
    trial: Flag, setting: Setting, error: type[Exception]
) -> None:
    with pytest.raises(error):
        services.set_flag(actor=ADA, name="trial", setting=setting, reason="trial")

    assert not AuditEntry.objects.filter(action="flag.set").exists()


def test_set_flag__that_nobody_declares__is_refused() -> None:
    with pytest.raises(UnknownFlag):
        services.set_flag(actor=ADA, name="made_up", setting=Setting(), reason="trial")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_set_flag__by_two_at_once__leaves_one_whole_setting(trial: Flag) -> None:
    settings = [Setting(state=State.ON, rollout=10, since="2024.08"), Setting(state=State.OFF, rollout=90)]
    threads = [
        threading.Thread(
            target=services.set_flag, kwargs={"actor": ADA, "name": "trial", "setting": each, "reason": "race"}
        )
        for each in settings
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert held.read_settings()["trial"] in settings


def _fail(*args: object) -> None:
    raise AssertionError("the cache was asked")


def _lost() -> dict[str, Setting]:
    raise DatabaseError
