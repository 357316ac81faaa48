"""What a run found: samples, memory, start-up times, limits. Not here: how they are judged (`bench/targets.py`)."""

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from bench.load import Sample
from bench.workloads import Workload

OURS, PARSE, DRF = "ours", "parse", "drf"


@dataclass(frozen=True, slots=True)
class Storm:
    """One route alone, the same while many sign in, and what became of those."""

    calm: Sample
    stormy: Sample
    logins: Sample


@dataclass(frozen=True, slots=True)
class Homes:
    """How long a home screen takes that must be composed, and one that is held; medians over many people."""

    miss_ms: float
    hit_ms: float


@dataclass(slots=True)
class Figures:
    titles: dict[str, str] = field(default_factory=dict)
    samples: dict[tuple[str, Workload, int], list[Sample]] = field(default_factory=lambda: defaultdict(list))
    body_bytes: dict[tuple[str, Workload], int] = field(default_factory=dict)
    memory_mb: dict[str, float] = field(default_factory=dict)
    startup_seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    storms: list["Storm"] = field(default_factory=list)
    homes: list[Homes] = field(default_factory=list)
    limits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def sample(self, peer: str, workload: Workload, connections: int) -> Sample | None:
        """The medians over the rounds."""
        runs = self.samples.get((peer, workload, connections))
        if not runs:
            return None
        return Sample(*(median(getattr(run, name) for run in runs) for name in Sample.__dataclass_fields__))

    def startup(self, name: str) -> float | None:
        times = self.startup_seconds.get(name)
        return median(times) if times else None
