"""The limits that no framework passes: hello on the same granian, and the list's own SELECT under pgbench."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.load import Plan, Request
from bench.servers import HOST, Server

ROOT = Path(__file__).parent.parent
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
