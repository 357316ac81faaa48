"""The project's own Python files, as the architecture tests read them."""

from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
_NOT_OURS = {".venv", "node_modules", "var", "migrations", ".git"}


def source_files() -> list[Path]:
    """Every Python file of the project, relative to its root, without migrations."""
    return sorted(
        path.relative_to(BASE_DIR)
        for path in BASE_DIR.rglob("*.py")
        if not _NOT_OURS.intersection(path.relative_to(BASE_DIR).parts)
    )


def local_apps() -> list[str]:
    """Top-level packages that are Django apps of ours."""
    return sorted(path.parent.name for path in BASE_DIR.glob("*/apps.py"))
