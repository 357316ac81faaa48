"""Recorded conversations: what a client of one release train sent, and what it was answered.

A recording is a list of exchanges. What differs between runs stands as a placeholder: ids as `<id:1>`, the
moment of the run as `<now>`, cursors as `<cursor:1>`, each numbered as it first appears. Placeholders in a
request are replaced by what they stood for in the answers before it.

An answer may say more than the recording (new fields break no client), never less and never otherwise.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rest_framework.test import APIClient

TRAINS = Path(__file__).parent / "trains"
# A day that is over when the tests are run, so that nothing depends on the clock.
NOW = "2026-01-05T08:00:00Z"
_CHANGING = re.compile(
    r"(?P<id>[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"|(?P<cursor>c1\.[\w-]+\.[\w-]+)"
    rf"|(?P<now>{NOW.removesuffix('Z')}(?:\.\d+)?Z)"
)
_PLACEHOLDER = re.compile(r"<(?:id|cursor|now):\d+>")

Exchange = dict[str, Any]


@dataclass
class Placeholders:
    """What stands for what, in the course of one conversation."""

    of_value: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def hide(self, body: Any) -> Any:
        """A body with placeholders for what changes from run to run."""
        return json.loads(_CHANGING.sub(self._hidden, json.dumps(body, ensure_ascii=False)))

    def reveal(self, request: Any) -> Any:
        values = {placeholder: value for value, placeholder in self.of_value.items()}
        return json.loads(_PLACEHOLDER.sub(lambda found: values[found[0]], json.dumps(request)))

    def _hidden(self, found: re.Match[str]) -> str:
        kind, value = str(found.lastgroup), found[0]
        if value not in self.of_value:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            self.of_value[value] = f"<{kind}:{self.counts[kind]}>"
        return self.of_value[value]


def recordings() -> list[Path]:
    return sorted(TRAINS.glob("*/*.json"))


def replay(client: APIClient, exchanges: list[Exchange], train: str) -> list[Exchange]:
    """Send the requests of a recording as a client of `train`; the same exchanges with today's answers."""
    known = Placeholders()
    answered = []
    for exchange in exchanges:
        request = known.reveal(exchange["request"])
        response = client.generic(
            request["method"],
            request["path"],
            json.dumps(request["body"]) if "body" in request else "",
            content_type="application/json",
            headers={"X-App-Version": f"{train}.0"},
        )
        body = known.hide(response.json()) if response.content else None
        answered.append({**exchange, "response": {"status": response.status_code, "body": _told(body)}})
    return answered


def differences(recorded: Any, answered: Any, where: str = "") -> list[str]:
    """Where an answer says less than the recording, or something else."""
    if isinstance(recorded, dict) and isinstance(answered, dict):
        missing = [f"{where}/{name} is gone" for name in recorded if name not in answered]
        shared = [name for name in recorded if name in answered]
        return missing + [
            line for name in shared for line in differences(recorded[name], answered[name], f"{where}/{name}")
        ]
    if isinstance(recorded, list) and isinstance(answered, list) and len(recorded) == len(answered):
        pairs = enumerate(zip(recorded, answered, strict=True))
        return [line for place, (one, other) in pairs for line in differences(one, other, f"{where}/{place}")]
    return [] if recorded == answered else [f"{where} was {recorded!r} and is {answered!r}"]


def _told(body: Any) -> Any:
    """A body without what is no promise: the texts of problems, and the trace of one request."""
    if isinstance(body, dict) and "trace_id" in body:
        return {name: value for name, value in body.items() if name in {"type", "status", "code", "errors"}}
    return body
