"""What Django itself says of each process as it is deployed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import BASE_DIR
from config.keys import development_signing_key


@pytest.mark.parametrize("process", ["web", "admin"])
def test_check__deployed_process__has_no_complaint(process: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "ENVIRONMENT": "production",
        "GIGVORA_PROCESS": process,
        "GIGVORA_HOME": str(tmp_path),
        "ALLOWED_HOSTS": "api.example.com",
        "JWT_SIGNING_KEYS": development_signing_key(tmp_path),
        "SECRET_KEY": os.urandom(40).hex(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }

    told = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (told.returncode, told.stderr) == (0, "")
