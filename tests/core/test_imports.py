import subprocess
import sys

import pytest

from core.imports import without


def test_without__optional_module__is_missing_in_the_block_alone() -> None:
    sys.modules.pop("this", None)
    with without("this"), pytest.raises(ModuleNotFoundError):
        import this  # noqa: F401, PLC0415  the import is what is tested
    assert "this" not in sys.modules


def test_without__module_loaded_before__stays() -> None:
    with without("json"):
        import json  # noqa: PLC0415  the import is what is tested
    assert sys.modules["json"] is json


def test_web_process__started__has_loaded_no_unused_extras() -> None:
    extras = {"requests", "httpx", "pygments", "rich", "celery", "twisted"}
    probe = f"import sys, config.wsgi; print(*{extras} & set(sys.modules))"

    started = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert started.stdout.split() == []
