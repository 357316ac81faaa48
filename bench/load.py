"""Load on one server: a prepared list of requests, driven by wrk with a fixed number of open connections."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.servers import HOST, Server

SCRIPT = Path(__file__).with_name("load.lua")
NUMBER = "@@@@@@"  # replaced by the request's number
TOKEN = "@token@"  # replaced by the token that the session's last answer held


class LoadFailed(Exception):
    """A run with errors is no measurement."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send: the requests in turn, or one request per session with the token the last answer gave.

    Args:
        numbered: `NUMBER` stands in the requests.
        tokens: one first token per session, for plans with a `successor`.
        successor: a Lua pattern that finds the next token in an answer.
        may_shed: a `503` is an answer, too, and whoever gets one comes back a second later.
    """

    requests: Sequence[Request]
    numbered: bool = False
    tokens: Sequence[str] = ()
    successor: str = ""
    may_shed: bool = False

    def as_lua(self) -> str:
        requests = ",\n".join(_lua_request(request) for request in self.requests)
        tokens = ", ".join(_lua_string(token) for token in self.tokens)
        successor = _lua_string(self.successor) if self.successor else "nil"
        numbered = "true" if self.numbered else "false"
        may_shed = "true" if self.may_shed else "false"
        return (
            f"return {{ numbered = {numbered}, successor = {successor}, may_shed = {may_shed},\n"
            f"tokens = {{ {tokens} }},\n"
            f"requests = {{\n{requests}\n}} }}\n"
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: what the client saw, and what it cost the server's processes. Shed answers count among no others."""

    requests_per_second: float
    p50_ms: float
    p95_ms: float
    bytes_per_answer: float
    cpu_us_per_request: float
    shed_per_second: float = 0


def run(server: Server, plan: Plan, *, connections: int, seconds: int, wait: bool = True) -> Sample:
    """Send the plan for some seconds over keep-alive connections, once the server is idle or without waiting.

    Raises:
        LoadFailed: any answer of 400 or above that was not shed as the plan allows, or a broken connection.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(plan.as_lua())
        file.flush()
        if wait:
            server.wait_until_idle()
        cpu_before = server.cpu_seconds()
        counted = _wrk(server, Path(file.name), connections, seconds)
        cpu = server.cpu_seconds() - cpu_before
    answered = counted["requests"] - counted["shed"]
    if counted["refused"] > counted["shed"] or counted["broken"] or not answered:
        raise LoadFailed(
            f"{server.name}: {counted['requests']:.0f} answers, {counted['refused']:.0f} of them errors,"
            f" {counted['broken']:.0f} broken connections; see {server.log}"
        )
    return Sample(
        requests_per_second=answered / counted["seconds"],
        p50_ms=counted["p50_ms"],
        p95_ms=counted["p95_ms"],
        bytes_per_answer=counted["bytes"] / counted["requests"],
        cpu_us_per_request=cpu / counted["requests"] * 1e6,
        shed_per_second=counted["shed"] / counted["seconds"],
    )


def _wrk(server: Server, plan: Path, connections: int, seconds: int) -> dict[str, float]:
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s"]
    target = ["-s", str(SCRIPT), f"http://{HOST}:{server.port}", "--", str(plan)]
    finished = subprocess.run([*command, *target], capture_output=True, text=True, check=False)
    for line in finished.stdout.splitlines():
        if line.startswith("RESULT "):
            counted: dict[str, float] = json.loads(line.removeprefix("RESULT "))
            return counted
    raise LoadFailed(f"wrk gave no result: {finished.stdout[-500:]}{finished.stderr[-500:]}")


def require_wrk() -> None:
    if shutil.which("wrk") is None:
        raise LoadFailed("wrk is needed to drive the load (Debian: apt-get install wrk).")


def _lua_request(request: Request) -> str:
    headers = ", ".join(f"[{_lua_string(name)}] = {_lua_string(value)}" for name, value in request.headers.items())
    parts = (_lua_string(request.method), _lua_string(request.path), f"{{ {headers} }}", _lua_string(request.body))
    return "{ " + ", ".join(parts) + " }"


def _lua_string(text: str) -> str:
    """A Lua literal; every byte that is not plain ASCII is escaped by its decimal code."""
    plain = "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text.encode())
    return f'"{plain}"'
