"""The peers, one module each: how it is started, filled, signed in to, and asked.

`Peer` is what the runner knows of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bench.dataset import SeedUser
from bench.load import Plan
from bench.servers import Server
from bench.workloads import Workload


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in user, one event of theirs, and their device where a peer knows devices."""

    user: SeedUser
    access_token: str
    refresh_token: str
    event_id: str
    device_id: str = ""


class Peer(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str:
        """How reports name it, with versions."""

    @property
    def id_field(self) -> str:
        """What it calls the id of an event."""

    def prepare(self) -> None:
        """Install, create an empty database and its tables."""

    def server(self) -> Server:
        """The server in production shape: two workers."""

    def seed(self) -> None:
        """Fill in the data set; the server runs."""

    def sign_in(self) -> list[Caller]:
        """A fresh session for every user."""

    def plan(self, workload: Workload, callers: Sequence[Caller]) -> Plan | None:
        """The requests of a workload, or nothing where the peer has no such thing."""

    def listed(self, body: Any) -> list[Mapping[str, Any]]:
        """The events in the answer to a list."""

    def discard(self) -> None:
        """Drop what `prepare` created."""
