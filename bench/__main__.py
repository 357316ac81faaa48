"""The command line: `python -m bench [--quick] [--only list one] [--peers ours parse]`."""

import argparse
import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.markdown import Markdown
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import homes, limits, load, postgres, redis_state, report, run, storm
from bench.figures import DRF, OURS, PARSE, Figures
from bench.peers import Peer
from bench.peers.ours import DATABASE, LIST_QUERY, Ours
from bench.peers.parse import Parse
from bench.peers.plain_drf import PlainDrf
from bench.run import Advance, Settings, Stand
from bench.servers import Server
from bench.targets import EMBEDDED_START, PARSE_START, WEB_START
from bench.workloads import Workload

HERE = Path(__file__).parent
HOME = HERE.parent / "var" / "bench"
SUMMARY = HERE / "RESULTS.md"


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, _leave)
    load.require_wrk()
    settings = _settings(options)
    figures = Figures()
    with _advancing() as advance, redis_state.reserved(options.redis_url) as redis, ExitStack() as stack:
        peers = _peers(options)
        run.prepare(peers, stack, advance)
        _measure_startup(peers, settings, figures, advance)
        stands = run.serve(peers, stack, advance)
        run.check(stands, settings.workloads, figures)
        run.measure(stands, settings, figures, advance, lambda: redis_state.empty(redis))
        _measure_storm(stands, settings, figures, advance)
        _measure_homes(stands, settings, figures, advance, lambda: redis_state.empty(redis))
        figures.memory_mb["Redis, the keys of this server"] = redis_state.held_mb(redis)
        _measure_limits(options, settings, figures, stack, advance)
    document = report.as_markdown(
        figures, rounds=settings.rounds, seconds=settings.seconds, software=_software(options, peers)
    )
    Console().print(Markdown(document))
    _write(document, is_complete=not (options.quick or options.only or options.peers))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Benchmarks against named peers.")
    parser.add_argument("--quick", action="store_true", help="one short round; the figures are rough")
    parser.add_argument("--only", nargs="+", type=Workload, help=f"of {', '.join(Workload)}")
    parser.add_argument("--peers", nargs="+", choices=[OURS, PARSE, DRF], help="leave the others out")
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds (default 3)")
    parser.add_argument("--seconds", type=int, default=5, help="length of one run (default 5)")
    parser.add_argument("--port", type=int, default=8130, help="first of four free ports (default 8130)")
    parser.set_defaults(
        database_url=os.environ.get("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres"),
        redis_url=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/8"),
    )
    return parser.parse_args()


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(
        workloads=tuple(options.only or Workload),
        rounds=1 if options.quick else options.rounds,
        seconds=2 if options.quick else options.seconds,
    )


def _peers(options: argparse.Namespace) -> list[Peer]:
    url, port = options.database_url, options.port
    known: list[Peer] = [
        Ours(url, port, HOME, options.redis_url),
        Parse(url, port + 1, HOME),
        PlainDrf(url, port + 2, HOME),
    ]
    return [peer for peer in known if not options.peers or peer.name in options.peers]


def _measure_startup(peers: Sequence[Peer], settings: Settings, figures: Figures, advance: Advance) -> None:
    """Alone on the machine, before anything else runs."""
    servers: dict[str, Callable[[], Server]] = {}
    for peer in peers:
        if isinstance(peer, Ours):
            peer.prepare_embedded()
            servers |= {WEB_START: peer.server, EMBEDDED_START: peer.embedded_server}
        elif isinstance(peer, Parse):
            servers[PARSE_START] = replace(peer, processes=1).server
    run.measure_startup(servers, settings.rounds, figures, advance)


def _measure_storm(stands: Sequence[Stand], settings: Settings, figures: Figures, advance: Advance) -> None:
    """The storm needs both of its workloads, and this server."""
    ours = [stand for stand in stands if stand.peer.name == OURS]
    if not ours or not {Workload.ONE, Workload.LOGIN} <= set(settings.workloads):
        return
    for _ in range(settings.rounds):
        advance("login storm")
        figures.storms.append(storm.measure(ours[0]))


def _measure_homes(
    stands: Sequence[Stand], settings: Settings, figures: Figures, advance: Advance, empty_caches: Callable[[], None]
) -> None:
    for stand in stands:
        for _ in range(settings.rounds if stand.peer.name == OURS else 0):
            advance("home screens")
            stand.callers = stand.peer.sign_in()
            figures.homes.append(homes.measure(stand, empty_caches))


def _measure_limits(
    options: argparse.Namespace, settings: Settings, figures: Figures, stack: ExitStack, advance: Advance
) -> None:
    hello = stack.enter_context(limits.hello_server(options.port + 3, HOME))
    run.measure_hello(hello, settings, figures, advance)
    if options.peers and OURS not in options.peers:
        return
    url = postgres.url_of(options.database_url, DATABASE)
    for _ in range(settings.rounds):
        advance("pgbench: the list's rows")
        tps = limits.pgbench(url, LIST_QUERY, clients=16, seconds=settings.seconds)
        figures.limits["the list's rows by pgbench, prepared, 16 clients"].append(tps)


def _software(options: argparse.Namespace, peers: Sequence[Peer]) -> str:
    parts = [
        f"Python {platform.python_version()}, Django {version('django')}, granian {version('granian')}",
        f"PostgreSQL {postgres.version(options.database_url)}",
        *(peer.title for peer in peers if not isinstance(peer, Ours)),
    ]
    return ", ".join(parts) + "."


@contextmanager
def _advancing() -> Iterator[Advance]:
    """A line that says what runs now, and for how long."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("start", total=None)
        yield lambda words: progress.update(task, description=words, advance=1)


def _write(document: str, *, is_complete: bool) -> None:
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / f"{datetime.now(UTC):%Y-%m-%d-%H%M}.md").write_text(document)
    if is_complete:
        SUMMARY.write_text(document)


def _leave(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
