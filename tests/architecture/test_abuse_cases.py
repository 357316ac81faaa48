"""The table of abuse cases and rules is whole, and every test that it names exists."""

import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import BASE_DIR, source_files

TABLE = BASE_DIR / "docs" / "abuse-cases.md"
CASES, RULES = 72, 15
LATER = "later: "


def rows() -> dict[str, tuple[str, str]]:
    """What is said of each case, by its number: the answer, and the tests."""
    cells = [line.strip("| ").split(" | ") for line in TABLE.read_text().splitlines() if re.match(r"\| C?\d", line)]
    return {row[0]: (" ".join(row[1:-1]), row[-1]) for row in cells}


@cache
def known_tests() -> frozenset[str]:
    found = [re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE) for path in _test_files()]
    return frozenset(name for names in found for name in names)


def _test_files() -> list[Path]:
    return [BASE_DIR / path for path in source_files() if path.parts[0] == "tests"]


def test_table__every_case_and_rule__has_its_row() -> None:
    assert set(rows()) == {str(number) for number in range(1, CASES + 1)} | {f"C{n}" for n in range(1, RULES + 1)}


@pytest.mark.parametrize("number", sorted(rows()))
def test_case__named_tests__exist(number: str) -> None:
    answer, tests = rows()[number]
    named = re.findall(r"`(test_[\w*]+)`", tests)
    missing = [name for name in named if not any(fnmatchcase(known, name) for known in known_tests())]

    assert missing == []
    assert bool(named) is not (LATER in answer or LATER in tests), "Name a test, or say what is missing."


def test_numbered_tests__each__belongs_to_a_case_that_names_tests() -> None:
    numbered = {found[1] for name in known_tests() if (found := re.match(r"test_row_(\d+)__", name))}

    assert sorted(number for number in numbered if LATER in "".join(rows()[number])) == []
