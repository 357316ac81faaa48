"""What is counted, and the small functions by which others count it.

Every metric carries the `surface` it was seen on (`web`, `mobile`, `admin`). Not here: figures read from the
database at scrape time (`collectors.py`) and how they are served (`exposition.py`).
"""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from core import context

# Seconds. Dense where the promise is kept or broken (p95 below 500 ms), open above.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)

REQUEST_SECONDS = Histogram(
    "gigvora_http_request_duration_seconds",
    "Time from the first middleware to the finished answer; its count is the number of requests.",
    ("surface", "route", "method", "status_class"),
    buckets=BUCKETS,
)
IN_FLIGHT = Gauge(
    "gigvora_http_requests_in_flight", "Requests being answered at this moment.", multiprocess_mode="livesum"
)
RATE_LIMITED = Counter("gigvora_rate_limited", "Requests refused by a rate limit.", ("surface", "limit"))
REFUSED = Counter("gigvora_access_refused", "Decisions that refused a caller.", ("surface", "reason"))
AUTH_FAILURES = Counter(
    "gigvora_authentication_failures", "Failed sign-ins and unusable tokens.", ("surface", "reason")
)


def rate_limited(limit: str) -> None:
    """Count a refusal by a limit, under the name of its kind, never its key."""
    RATE_LIMITED.labels(context.current().channel.surface, limit).inc()


def access_refused(reason: str) -> None:
    """Count a refused decision under its error code."""
    REFUSED.labels(context.current().channel.surface, reason).inc()


def authentication_failed(reason: str) -> None:
    """Count a failed sign-in or a token that was not accepted, under its error code."""
    AUTH_FAILURES.labels(context.current().channel.surface, reason).inc()


def refused(status: int, code: str) -> None:
    """Count an answer of 401, 403 or 429 under its error code: what a perimeter is watched by."""
    if status == 401:
        authentication_failed(code)
    elif status == 403:
        access_refused(code)
    elif status == 429:
        rate_limited(code)


@cache
def request_timer(surface: str, route: str, method: str, status_class: str) -> Histogram:
    """The histogram of one combination of labels; looking it up anew costs more than observing it."""
    return REQUEST_SECONDS.labels(surface, route, method, status_class)
