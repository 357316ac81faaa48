"""Files stay under 400 lines and functions under 50, so that a reader can hold one in mind."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import BASE_DIR, source_files

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50


@pytest.mark.parametrize("path", source_files(), ids=str)
def test_file__any__is_short_enough(path: Path) -> None:
    text = (BASE_DIR / path).read_text()

    assert len(text.splitlines()) <= MAX_FILE_LINES, f"{path}: split it by user story"
    assert [name for name, lines in _functions(text) if lines > MAX_FUNCTION_LINES] == []


def _functions(text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1
