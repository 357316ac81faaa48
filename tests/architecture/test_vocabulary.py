"""File names come from a closed vocabulary: no rooms called `utils`, and every app listed in the linter."""

import tomllib
from pathlib import Path

from tests.architecture.sources import BASE_DIR, local_apps, source_files

BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "base_utils", "signals"}


def test_file_names__any__say_what_is_inside() -> None:
    assert [path for path in source_files() if path.stem in BANNED] == []


def test_local_apps__all__are_listed_in_the_linter() -> None:
    linter = tomllib.loads(Path(BASE_DIR / "pyproject.toml").read_text())["tool"]["importlinter"]

    assert set(local_apps()) | {"config"} == set(linter["root_packages"])
    inner = next(
        contract for contract in linter["contracts"] if contract["type"] == "layers" and "containers" in contract
    )
    assert set(inner["containers"]) == set(local_apps()) - {"core"}
