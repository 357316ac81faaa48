"""One benchmark run: fill every peer, check their answers, then load them by turns. Not here: how it reads."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx

from bench import dataset, limits, load, marketplace
from bench.figures import Figures
from bench.load import Plan, Request
from bench.peers import Caller, Peer
from bench.servers import HOST, Server
from bench.targets import HASHING
from bench.workloads import CONNECTIONS, DESCRIPTIONS, PAGE, Workload

SIGN_IN_AGAIN = frozenset({Workload.REFRESH})  # its runs use the sessions' tokens up
WARM_UP = 2  # seconds, in which most users are met again after the caches were emptied


class WrongAnswer(Exception):
    """A peer does not answer what the workload asks for, so its speed means nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    workloads: Sequence[Workload]
    rounds: int
    seconds: int


@dataclass(slots=True)
class Stand:
    """A peer that runs, filled and signed in to."""

    peer: Peer
    server: Server
    callers: list[Caller]


Advance = Callable[[str], None]


def prepare(peers: Sequence[Peer], stack: ExitStack, advance: Advance) -> None:
    """Give each peer an empty database; the stack drops it."""
    for peer in peers:
        advance(f"{peer.name}: prepare")
        stack.callback(peer.discard)
        peer.prepare()


def serve(peers: Sequence[Peer], stack: ExitStack, advance: Advance) -> list[Stand]:
    """Start and fill the peers; the stack ends them."""
    stands = []
    for peer in peers:
        advance(f"{peer.name}: seed")
        server = stack.enter_context(peer.server())
        peer.seed()
        stands.append(Stand(peer, server, peer.sign_in()))
    return stands


def check(stands: Sequence[Stand], workloads: Sequence[Workload], figures: Figures) -> None:
    """Ask each peer each question once, for three of the callers.

    Raises:
        WrongAnswer: the status, the number of events or their owner is not what it should be.
    """
    for stand in stands:
        figures.titles[stand.peer.name] = stand.peer.title
        for workload in workloads:
            callers = [stand.callers[0], stand.callers[7], stand.callers[-1]]
            plan = stand.peer.plan(workload, callers)
            if plan is None:
                continue
            for index, caller in enumerate(callers):
                response = _ask(stand.server, _request_of(plan, index))
                _check_answer(stand.peer, workload, caller, response)
                figures.body_bytes[stand.peer.name, workload] = len(response.content)


def measure(
    stands: Sequence[Stand],
    settings: Settings,
    figures: Figures,
    advance: Advance,
    empty_caches: Callable[[], None],
) -> None:
    """Alternate between the peers within every workload of every round."""
    for _ in range(settings.rounds):
        for stand in stands:
            stand.callers = stand.peer.sign_in()
        for workload in settings.workloads:
            empty_caches()
            if workload is Workload.LOGIN:
                _measure_hashing(settings, figures, advance)
            for connections in DESCRIPTIONS[workload].connections:
                for stand in stands:
                    advance(f"{workload} @{connections}: {stand.peer.name}")
                    _measure_one(stand, workload, connections, settings.seconds, figures)
    for stand in stands:
        figures.memory_mb[stand.peer.name] = stand.server.memory_mb()


def _measure_hashing(settings: Settings, figures: Figures, advance: Advance) -> None:
    """What logins are compared with, just before them: the speed of a shared machine changes from minute to minute."""
    seconds = max(settings.seconds, DESCRIPTIONS[Workload.LOGIN].least_seconds // 2)
    for library in limits.HASHERS:
        advance(f"bare password hashing: {library}")
        figures.limits[f"{HASHING}, {library}"].append(limits.hashing(library, seconds=seconds))


def measure_hello(server: Server, settings: Settings, figures: Figures, advance: Advance) -> None:
    for connections in CONNECTIONS:
        for _ in range(settings.rounds):
            advance(f"hello @{connections}")
            sample = load.run(server, limits.HELLO, connections=connections, seconds=settings.seconds)
            figures.limits[f"hello on the same granian, {connections} connections"].append(sample.requests_per_second)


def measure_startup(servers: dict[str, Callable[[], Server]], times: int, figures: Figures, advance: Advance) -> None:
    for _ in range(times):
        for name, make in servers.items():
            advance(f"cold start: {name}")
            with make() as server:
                figures.startup_seconds[name].append(server.startup_seconds)


def _measure_one(stand: Stand, workload: Workload, connections: int, seconds: int, figures: Figures) -> None:
    if workload in SIGN_IN_AGAIN:
        stand.callers = stand.peer.sign_in()
    plan = stand.peer.plan(workload, stand.callers)
    if plan is None:
        return
    least_seconds = DESCRIPTIONS[workload].least_seconds
    if not plan.successor and least_seconds <= WARM_UP:  # slow answers are too few to warm anything up
        load.run(stand.server, plan, connections=connections, seconds=WARM_UP)
    seconds = max(seconds, least_seconds)
    sample = load.run(stand.server, plan, connections=connections, seconds=seconds)
    figures.samples[stand.peer.name, workload, connections].append(sample)


def _request_of(plan: Plan, index: int) -> Request:
    if not plan.successor:
        return plan.requests[index]
    request = plan.requests[0]
    return Request(request.method, request.path, request.headers, request.body.replace(load.TOKEN, plan.tokens[index]))


def _ask(server: Server, request: Request) -> httpx.Response:
    url = f"http://{HOST}:{server.port}{request.path.replace(load.NUMBER, '000001')}"
    headers = {"Accept-Encoding": "identity", **request.headers}
    headers = {name: value.replace(load.NUMBER, "000001") for name, value in headers.items()}
    return httpx.request(request.method, url, headers=headers, content=request.body, timeout=30)


def _check_answer(peer: Peer, workload: Workload, caller: Caller, response: httpx.Response) -> None:
    expected = DESCRIPTIONS[workload].status
    if response.status_code != expected:
        raise WrongAnswer(f"{peer.name} answers {workload} with {response.status_code}: {response.text[:500]}")
    if response.content and workload not in {Workload.CREATE, Workload.LOGIN, Workload.REFRESH}:
        _check_found(peer, workload, caller, response.json())


def _check_found(peer: Peer, workload: Workload, caller: Caller, body: Any) -> None:
    if workload is Workload.ONE:
        found, expected = [body["title"]], dataset.titles(caller.user)[:1]
    else:
        rows = peer.listed(body)
        found = [row["title"] for row in rows]
        expected = _expected_titles(workload, caller) or found
        if len({row[peer.id_field] for row in rows}) != len(found):
            raise WrongAnswer(f"{peer.name}, {workload}: an id stands there twice")
    if not found or found != expected:
        raise WrongAnswer(f"{peer.name}, {workload}: not what user {caller.user.number} should get: {found}")


def _expected_titles(workload: Workload, caller: Caller) -> list[str]:
    """In their order; of a search any will do."""
    if workload is Workload.SEARCH:
        return []
    newest = marketplace.newest_titles(PAGE) if workload is Workload.LISTINGS else dataset.titles(caller.user)
    return newest[:PAGE]
