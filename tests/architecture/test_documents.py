"""Hand-written documents agree with what they describe."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import BASE_DIR

DOCUMENTS = sorted(path.relative_to(BASE_DIR) for path in (BASE_DIR / "docs").rglob("*.md"))


def test_dependencies__each_direct_one__has_its_reason() -> None:
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    told = re.findall(r"^\| `([\w-]+)` \| \w.+ \|$", (BASE_DIR / "docs/dependencies.md").read_text(), re.MULTILINE)

    assert sorted(told) == sorted(re.match(r"[\w-]+", entry)[0] for entry in wanted)  # type: ignore[index]


@pytest.mark.parametrize("document", [*DOCUMENTS, Path("CHANGELOG.md")], ids=str)
def test_links__within_the_repository__lead_somewhere(document: Path) -> None:
    text = (BASE_DIR / document).read_text()
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)

    assert [target for target in targets if not (BASE_DIR / document.parent / target).exists()] == []


def test_decisions__each__is_listed_and_has_the_same_rooms() -> None:
    index = (BASE_DIR / "docs/adr/README.md").read_text()
    pages = sorted(path for path in (BASE_DIR / "docs/adr").glob("0*.md"))

    assert re.findall(r"\((0\d+[\w-]+\.md)\)", index) == [page.name for page in pages]
    assert [
        page.name
        for page in pages
        if re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE) != ["Why", "Decision", "What follows"]
    ] == []


def test_operations__metrics_it_names__exist() -> None:
    named = set(re.findall(r"gigvora_\w+", (BASE_DIR / "docs/operations.md").read_text()))
    counting = (BASE_DIR / folder for folder in ("core", "events", "linking", "privacy"))
    code = "".join(path.read_text() for folder in counting for path in folder.rglob("*.py"))

    assert [
        name
        for name in named
        if re.sub(r"_(bucket|count|total)$", "", name) not in code and f'"{name.removeprefix("gigvora_")}"' not in code
    ] == []
