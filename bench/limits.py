"""The limits that no framework passes: hello on the same granian, the list's own SELECT, and bare password hashing."""

import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from nacl.pwhash import argon2id

from bench.load import Plan, Request
from bench.servers import HOST, Server

ROOT = Path(__file__).parent.parent
PASSWORD, SALT = b"correct horse battery staple", b"0123456789abcdef"
HELLO = Plan([Request("GET", "/")])


def hello_server(port: int, home: Path) -> Server:
    granian = Path(sys.executable).with_name("granian")
    options = ["--interface", "wsgi", "--workers", "2", "--blocking-threads", "2", "--no-ws"]
    return Server(
        name="hello",
        command=[granian, *options, "--host", HOST, "--port", str(port), "bench.hello:application"],
        port=port,
        ready_path="/",
        log=home / "hello.log",
        cwd=ROOT,
    )


def pgbench(url: str, script: str, *, clients: int, seconds: int) -> float:
    """Transactions per second of one prepared statement."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        options = ["-n", "-M", "prepared", "-c", str(clients), "-T", str(seconds), "-f", file.name]
        finished = subprocess.run(["pgbench", *options, url], capture_output=True, text=True, check=False)
    found = re.search(r"^tps = ([\d.]+)", finished.stdout, re.MULTILINE)
    if finished.returncode or not found:
        raise RuntimeError(f"pgbench failed: {finished.stderr[-1000:]}")
    return float(found[1])


def hashing(library: str, *, seconds: int) -> float:
    """Passwords per second that all cores hash, with the server's parameters (`ARGON2_*` of its settings)."""
    cores = os.cpu_count() or 1
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        return sum(pool.map(HASHERS[library], [seconds] * cores))


def _count(make: Callable[[], bytes], seconds: int) -> float:
    count, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        make()
        count += 1
    return count / passed


def _by_argon2_cffi(seconds: int) -> float:
    return _count(lambda: hash_secret_raw(PASSWORD, SALT, 2, 19 * 1024, 1, 32, Type.ID), seconds)


def _by_libsodium(seconds: int) -> float:
    return _count(lambda: argon2id.kdf(32, PASSWORD, SALT, 2, 19 * 1024 * 1024), seconds)


HASHERS = {"argon2-cffi": _by_argon2_cffi, "libsodium": _by_libsodium}
"""Django's own library, and the one that the server uses."""
