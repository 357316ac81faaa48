"""Databases for servers in processes of their own: migrated once, and copied for each."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def migrated_copy(home: Path) -> Iterator[dict[str, str]]:
    """The environment that leads to a database of its own: beside the one of `DATABASE_URL`, or a file in `home`."""
    if not os.environ.get("DATABASE_URL"):
        shutil.copytree(_migrated_folder(), home, dirs_exist_ok=True)
        yield {}
        return
    name = _new_name()
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{_migrated_database()}"')
    try:
        yield {"DATABASE_URL": _url_of(name)}
    finally:
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


@cache
def _migrated_folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="gigvora-migrated-")
    atexit.register(folder.cleanup)
    _migrate({"GIGVORA_HOME": folder.name})
    return Path(folder.name)


@cache
def _migrated_database() -> str:
    name = _new_name()
    _administer(f'CREATE DATABASE "{name}"')
    atexit.register(_administer, f'DROP DATABASE "{name}" WITH (FORCE)')
    _migrate({"DATABASE_URL": _url_of(name)})
    return name


def _migrate(database: dict[str, str]) -> None:
    env = {**os.environ, "ENVIRONMENT": "test", **database}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=env, check=True)


def _new_name() -> str:
    return f"live_{os.getpid()}_{time.monotonic_ns()}"


def _url_of(name: str) -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def _administer(statement: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)
