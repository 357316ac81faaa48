"""`GET /metrics`, for scrapers inside the house: those with the token or, where none is set, direct neighbours.

Anybody else gets the same 404 as for an address that does not exist.
"""

import ipaddress
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from core import errors
from core.http.access import Public
from core.http.problems import problem_response
from core.http.proxies import FORWARDED
from core.observability.collectors import FigureCollector

# Marks of a proxy: the first as `core.http.proxies` leaves it, which takes headers of unknown proxies away.
_FORWARDED = (FORWARDED, "HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA", "HTTP_FLY_CLIENT_IP")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_scrape(request):
        request.resolver_match = None  # for everything that follows, there is nothing here
        return problem_response(errors.NotFound(), request)
    return HttpResponse(scrape(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


metrics.access = Public("Scrapers have a token of their own, or are direct neighbours.")  # type: ignore[attr-defined]


def scrape() -> bytes:
    """Everything known at this moment, over all workers that share `PROMETHEUS_MULTIPROC_DIR` if it is set."""
    shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    figures = CollectorRegistry()
    figures.register(FigureCollector())
    if not shared:
        return generate_latest(REGISTRY) + generate_latest(figures)
    _forget_dead_workers(Path(shared))
    workers = CollectorRegistry()
    MultiProcessCollector(workers, shared)  # type: ignore[no-untyped-call]
    return generate_latest(workers) + generate_latest(figures)


def _may_scrape(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        offered = request.META.get("HTTP_AUTHORIZATION", "")
        return secrets.compare_digest(offered.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # Behind a proxy every peer looks like a neighbour; what a proxy passed on came from outside.
    return not any(request.META.get(name) for name in _FORWARDED) and _is_neighbour(request.META.get("REMOTE_ADDR", ""))


def _is_neighbour(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_private


def _forget_dead_workers(shared: Path) -> None:
    """A worker that was killed never took its requests in flight off the gauge."""
    for path in shared.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not _is_alive(pid):
            mark_process_dead(pid, str(shared))  # type: ignore[no-untyped-call]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
