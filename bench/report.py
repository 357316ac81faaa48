"""The report: one Markdown document, for people."""

import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from statistics import median

from bench.dataset import EVENTS_PER_USER, USERS
from bench.figures import Figures
from bench.load import Sample
from bench.targets import TARGETS, Target
from bench.workloads import CONNECTIONS, DESCRIPTIONS, Workload


def as_markdown(figures: Figures, *, rounds: int, seconds: int, software: str) -> str:
    sections = [
        "# Benchmarks",
        _conditions(rounds, seconds, software),
        "## Targets",
        _table(("target", "measured", "must", "aim", ""), (_target_row(target, figures) for target in TARGETS)),
        "Where a target names no number of connections, the worse of the measured ones counts.",
        *(_throughput(figures, connections) for connections in CONNECTIONS),
        "## A login storm",
        _table(("", "req/s", "p95 ms", "shed with `503` per second"), _storm_rows(figures)),
        "## Home screens",
        _table(("", "ms"), _home_rows(figures)),
        "## Answers",
        _table(("workload", *figures.titles.values()), _body_rows(figures)),
        "## Memory after the load, all processes (PSS)",
        _table(("server", "MB"), ((_title(figures, name), f"{mb:.0f}") for name, mb in figures.memory_mb.items())),
        "## Cold start to the first `200`",
        _table(("server", "ms"), ((name, f"{median(t) * 1000:.0f}") for name, t in figures.startup_seconds.items())),
        "## Limits of this machine",
        _table(("limit", "per second"), ((name, f"{median(v):,.0f}") for name, v in figures.limits.items())),
        "## What is measured",
        _table(("workload", "what"), ((f"{d.title} ({d.status})", d.what) for d in DESCRIPTIONS.values())),
    ]
    return "\n\n".join(sections) + "\n"


def _conditions(rounds: int, seconds: int, software: str) -> str:
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), shared by server, PostgreSQL and"
        f" load generator. {software}\n\n"
        f"Medians of {rounds} alternating rounds of {seconds} s; wrk, keep-alive, closed loop. {USERS} users,"
        f" {EVENTS_PER_USER} events each, the same in every peer; two workers each. Every answer was checked before"
        " it was timed, and a run with one error would have failed. Read the ratios: the absolute figures are"
        " this machine's."
    )


def _target_row(target: Target, figures: Figures) -> tuple[str, ...]:
    sign = "≤" if target.lower_is_better else "≥"
    must = f"{sign} {target.bound:g}{target.unit}"
    aim = f"{sign} {target.aim:g}{target.unit}" if target.aim else ""
    value = target.measure(figures)
    if value is None:
        return target.title, "-", must, aim, "not measured"
    verdict = "**pass**" if target.holds(value) else "**miss**"
    if target.aim and target.holds(value, target.aim):
        verdict += ", aim met"
    return target.title, f"{value:.2f}{target.unit}", must, aim, verdict


def _throughput(figures: Figures, connections: int) -> str:
    header = ("workload", "server", "req/s", "p50 ms", "p95 ms", "CPU µs/request", "we are")
    return f"## {connections} connections\n\n" + _table(header, _throughput_rows(figures, connections))


def _throughput_rows(figures: Figures, connections: int) -> Iterator[tuple[str, ...]]:
    for workload in Workload:
        ours = figures.sample("ours", workload, connections)
        for name in figures.titles:
            sample = figures.sample(name, workload, connections)
            if sample:
                yield (DESCRIPTIONS[workload].title, _title(figures, name), *_cells(sample), _ratio(ours, sample))


def _cells(sample: Sample) -> tuple[str, ...]:
    return (
        f"{sample.requests_per_second:,.0f}",
        f"{sample.p50_ms:.1f}",
        f"{sample.p95_ms:.1f}",
        f"{sample.cpu_us_per_request:,.0f}",
    )


def _ratio(ours: Sample | None, other: Sample) -> str:
    if ours is None or ours == other:
        return ""
    return f"{ours.requests_per_second / other.requests_per_second:.2f}×"


def _body_rows(figures: Figures) -> Iterator[tuple[str, ...]]:
    for workload in Workload:
        sizes = [figures.body_bytes.get((name, workload)) for name in figures.titles]
        if any(size is not None for size in sizes):
            yield (DESCRIPTIONS[workload].title, *("-" if size is None else f"{size:,} B" for size in sizes))


def _storm_rows(figures: Figures) -> Iterator[tuple[str, ...]]:
    """Of several rounds the one in the middle."""
    storms = sorted(figures.storms, key=lambda storm: storm.stormy.p95_ms / storm.calm.p95_ms)
    if storms:
        storm = storms[len(storms) // 2]
        named = {"one event, alone": storm.calm, "one event, in the storm": storm.stormy, "logins": storm.logins}
        for name, sample in named.items():
            shed = f"{sample.shed_per_second:.0f}" if sample.shed_per_second else ""
            yield name, f"{sample.requests_per_second:,.0f}", f"{sample.p95_ms:.1f}", shed


def _home_rows(figures: Figures) -> Iterator[tuple[str, ...]]:
    if figures.homes:
        yield "composed", f"{median(home.miss_ms for home in figures.homes):.2f}"
        yield "held", f"{median(home.hit_ms for home in figures.homes):.2f}"


def _title(figures: Figures, name: str) -> str:
    return figures.titles.get(name, name)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
