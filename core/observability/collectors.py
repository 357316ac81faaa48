"""Figures that are looked up when they are scraped: how far behind the outbox is, how old the feed's horizon.

Whoever knows a figure registers a function for it, in its `AppConfig.ready()`. A function that fails costs its own
figure and nothing else; `gigvora_collector_up` says which.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Figure:
    """One gauge. `read` answers a number, or `None` when there is nothing to say."""

    name: str
    help: str
    read: Callable[[], float | None]


_figures: dict[str, Figure] = {}


def register_figure(name: str, help: str, read: Callable[[], float | None]) -> None:  # noqa: A002  prometheus's word
    """Offer a figure under `gigvora_<name>`; end the name in its unit (`_seconds`, `_bytes`) where it has one.

    Registering a name again replaces it, so that a reloaded app registers safely.
    """
    _figures[name] = Figure(f"gigvora_{name}", help, read)


class FigureCollector(Collector):
    """Reads every registered figure; part of each scrape's own registry."""

    def describe(self) -> list[Metric]:
        return []  # reading the database while registering would be a surprise

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "gigvora_collector_up", "Whether a looked-up figure could be read.", labels=["collector"]
        )
        for figure in list(_figures.values()):
            try:
                value = figure.read()
            except Exception:  # one broken figure must not cost the others
                logger.exception("The figure %s could not be read.", figure.name)
                up.add_metric([figure.name], 0)
                continue
            up.add_metric([figure.name], 1)
            if value is not None:
                yield GaugeMetricFamily(figure.name, figure.help, value=value)
        yield up
