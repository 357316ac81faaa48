"""Whether a flag is on for somebody: by plain values alone."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.targeting import is_on, is_rolled_out
from experiments.types import NOTHING_SET, Setting, State, Subject

ADA, GIGVORA = "018f0000-0000-7000-8000-00000000ada0", "018f0000-0000-7000-8000-0000000000f0"
SUBJECT = Subject(ADA, GIGVORA, frozenset({"mentor", "freelancer"}), "ios", "2024.09.2")


@pytest.mark.parametrize("default", [True, False])
def test_flag__nothing_set__is_as_declared(default: bool) -> None:
    assert is_on("trial", NOTHING_SET, SUBJECT, default) is default


@pytest.mark.parametrize("default", [True, False])
def test_flag__off__is_off_even_for_those_who_always_have_it(default: bool) -> None:
    setting = Setting(state=State.OFF, always_on=frozenset({ADA}))

    assert not is_on("trial", setting, SUBJECT, default)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, True),
        ({"roles": frozenset({"mentor", "agency"})}, True),
        ({"roles": frozenset({"agency"})}, False),
        ({"platforms": frozenset({"ios"})}, True),
        ({"platforms": frozenset({"android", "web"})}, False),
        ({"since": "2024.09"}, True),
        ({"since": "2024.09.2"}, True),
        ({"since": "2024.09.3"}, False),
        ({"before": "2024.10"}, True),
        ({"before": "2024.09.2"}, False),
        ({"before": "2024.09"}, False),
        ({"since": "2024.08", "before": "2024.09.10"}, True),
        ({"roles": frozenset({"mentor"}), "platforms": frozenset({"web"})}, False),
        ({"rollout": 0}, False),
        ({"rollout": 0, "always_on": frozenset({ADA})}, True),
        ({"rollout": 0, "always_on": frozenset({GIGVORA})}, True),
        ({"always_off": frozenset({GIGVORA})}, False),
        ({"always_off": frozenset({GIGVORA}), "always_on": frozenset({ADA})}, True),
        ({"always_off": frozenset({ADA}), "always_on": frozenset({GIGVORA})}, False),
    ],
)
def test_flag__on_under_conditions__is_on_for_whom_all_are_true(conditions: dict[str, Any], expected: bool) -> None:
    assert is_on("trial", replace(Setting(state=State.ON), **conditions), SUBJECT, default=False) is expected


@given(st.uuids(), st.integers(0, 100), st.integers(0, 100))
def test_rollout__grows__takes_nobody_out_again(user_id: UUID, smaller: int, larger: int) -> None:
    smaller, larger = sorted((smaller, larger))

    assert is_rolled_out("trial", str(user_id), smaller) <= is_rolled_out("trial", str(user_id), larger)
    assert is_rolled_out("trial", str(user_id), 100)
    assert not is_rolled_out("trial", str(user_id), 0)


def test_rollout__of_a_quarter__is_a_quarter_and_another_one_for_each_flag() -> None:
    people = [str(UUID(int=number)) for number in range(8000)]
    chosen = {name: {each for each in people if is_rolled_out(name, each, 25)} for name in ("one", "other")}

    assert all(1800 < len(found) < 2200 for found in chosen.values())
    assert 350 < len(chosen["one"] & chosen["other"]) < 650  # a sixteenth, as of two draws
