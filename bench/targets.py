"""What must hold, each target one line: our figure over a peer's, measured in the same run."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

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


def of_bare_hashing(library: str) -> Measure:
    """Logins per second over the passwords that the same cores hash when they do nothing else."""

    def measure(figures: Figures) -> float | None:
        logins, hashes = figures.sample(OURS, Workload.LOGIN, 16), figures.limits.get(f"{HASHING}, {library}")
        return logins.requests_per_second / median(hashes) if logins and hashes else None

    return measure


def slower_in_a_storm(figures: Figures) -> float | None:
    """The p95 of one event while many sign in, over its p95 alone."""
    return median(storm.stormy.p95_ms / storm.calm.p95_ms for storm in figures.storms) if figures.storms else None


def slower_to_search(figures: Figures) -> float | None:
    """The p95 of a search over that of the plain list, at the number of connections where we look worst."""
    ratios = []
    for connections in CONNECTIONS:
        search, plain = (figures.sample(OURS, each, connections) for each in (Workload.SEARCH, Workload.LISTINGS))
        if search and plain:
            ratios.append(search.p95_ms / plain.p95_ms)
    return max(ratios, default=None)


def faster_when_held(figures: Figures) -> float | None:
    """How many times sooner a home screen is there when it is held."""
    return median(home.miss_ms / home.hit_ms for home in figures.homes) if figures.homes else None


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


HASHING = "passwords hashed by all cores, bare"
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
    Target("login / bare hashing, argon2-cffi", of_bare_hashing("argon2-cffi"), 0.8),
    Target("p95 of one event in a login storm / alone", slower_in_a_storm, 2, lower_is_better=True),
    Target("50 listings / Parse", throughput(Workload.LISTINGS, PARSE), 1.5),
    Target("p95 of a search / of 50 listings", slower_to_search, 2, lower_is_better=True),
    Target("launchpad, hit / miss", faster_when_held, 8),
    Target("p95 of the list at 64 / Parse", slowest_answers(Workload.LIST, PARSE, 64), 0.25, lower_is_better=True),
    Target("memory of two workers / Parse", memory(PARSE), 0.5, 0.35, lower_is_better=True),
    Target("cold start, web / Parse", startup_ratio(WEB_START, PARSE_START), 0.9, 0.5, lower_is_better=True),
    Target("cold start, web", startup(WEB_START), 2, lower_is_better=True, unit=" s"),
    Target("cold start, embedded", startup(EMBEDDED_START), 2, lower_is_better=True, unit=" s"),
)
