"""What must hold, each target one line: our figure over a peer's, measured in the same run."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import DRF, OURS, PARSE, Figures
from bench.workloads import CONNECTIONS, Workload

Measure = Callable[[Figures], float | None]


@dataclass(frozen=True, slots=True)
class Target:
    title: str
    measure: Measure
    bound: float
    aim: float | None = None
    lower_is_better: bool = False
    unit: str = "×"

    def holds(self, value: float, bound: float | None = None) -> bool:
        wanted = self.bound if bound is None else bound
        return value <= wanted if self.lower_is_better else value >= wanted


def throughput(workload: Workload, peer: str) -> Measure:
    """Requests per second over the peer's, at the number of connections where we look worst."""

    def measure(figures: Figures) -> float | None:
        ratios = []
        for connections in CONNECTIONS:
            ours, theirs = (figures.sample(name, workload, connections) for name in (OURS, peer))
            if ours and theirs:
                ratios.append(ours.requests_per_second / theirs.requests_per_second)
        return min(ratios, default=None)

    return measure


def slowest_answers(workload: Workload, peer: str, connections: int) -> Measure:
    def measure(figures: Figures) -> float | None:
        ours, theirs = (figures.sample(name, workload, connections) for name in (OURS, peer))
        return ours.p95_ms / theirs.p95_ms if ours and theirs else None

    return measure


def memory(peer: str) -> Measure:
    def measure(figures: Figures) -> float | None:
        ours, theirs = figures.memory_mb.get(OURS), figures.memory_mb.get(peer)
        return ours / theirs if ours and theirs else None

    return measure


def startup(name: str) -> Measure:
    return lambda figures: figures.startup(name)


def startup_ratio(name: str, peer: str) -> Measure:
    def measure(figures: Figures) -> float | None:
        ours, theirs = figures.startup(name), figures.startup(peer)
        return ours / theirs if ours and theirs else None

    return measure


WEB_START, EMBEDDED_START, PARSE_START = "web (granian)", "embedded (uvicorn)", "Parse Server"

TARGETS = (
    Target("list of 50 / Parse", throughput(Workload.LIST, PARSE), 1.5, 2.5),
    Target("window of 50 / Parse", throughput(Workload.WINDOW, PARSE), 1.5, 2.5),
    Target("list of 50, unchanged / Parse", throughput(Workload.LIST_UNCHANGED, PARSE), 3, 4),
    Target("list of 50, `304` / Parse", throughput(Workload.LIST_CONDITIONAL, PARSE), 3, 4),
    Target("list of 50 / plain DRF", throughput(Workload.LIST, DRF), 8, 12),
    Target("one event / Parse", throughput(Workload.ONE, PARSE), 1.5, 2),
    Target("create / Parse", throughput(Workload.CREATE, PARSE), 1),
    Target("login / Parse", throughput(Workload.LOGIN, PARSE), 2.2, 2.8),
    Target("p95 of the list at 64 / Parse", slowest_answers(Workload.LIST, PARSE, 64), 0.25, lower_is_better=True),
    Target("memory of two workers / Parse", memory(PARSE), 0.5, 0.35, lower_is_better=True),
    Target("cold start, web / Parse", startup_ratio(WEB_START, PARSE_START), 0.9, 0.5, lower_is_better=True),
    Target("cold start, web", startup(WEB_START), 2, lower_is_better=True, unit=" s"),
    Target("cold start, embedded", startup(EMBEDDED_START), 2, lower_is_better=True, unit=" s"),
)
