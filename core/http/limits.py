"""Rate limits: what a view declares, and what a caller is told (draft-ietf-httpapi-ratelimit-headers-10).

A view adds `limits = (Limit("30/min", by="user"), ...)` to the defaults that every route shares; all of them are
charged in one step. Limits belong to view classes, so no spelling of a path and no second mount evades them.
A view with `bursts = True` is one that people come to from a push: there a device may for a moment go beyond its share
of the defaults (`core/http/bursts.py`), and never beyond what the view declares itself.
Not here: the arithmetic (`core/http/gcra.py`); coarse limits of sign-in forms and staff screens (django-ratelimit).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.errors import RateLimited
from core.http import bursts, gcra

if TYPE_CHECKING:  # DRF imports this module while it is still importing its views
    from rest_framework.views import APIView

By = Literal["user", "device", "network"]
_SECOND = 1_000_000  # microseconds
# What each process may still grant by itself while Redis, which counts for all of them, is lost.
SHARE_WITHOUT_REDIS = 0.25
_PERIODS = {"s": 1, "min": 60, "h": 3600, "day": 86400}
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def parse_rate(rate: str) -> tuple[int, int]:
    """`"120/min"` as a count and seconds."""
    count, _, period = rate.partition("/")
    if not count.isdecimal() or not int(count) or period not in _PERIODS:
        raise ValueError(f"A rate reads like 120/min; {rate!r} does not.")
    return int(count), _PERIODS[period]


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests per period, such as `"120/min"`, for each user, device or client network.

    Args:
        rate: a count, a slash and `s`, `min`, `h` or `day`.
        by: who is counted. A network is one IPv4 address or one IPv6 /64.
        scope: views that name the same scope share one count; by default a view has its own.
        actions: the viewset actions that count; empty for every request.
    """

    rate: str
    by: By = "network"
    scope: str = ""
    actions: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        parse_rate(self.rate)


DEFAULT_LIMITS = (
    Limit("600/min", by="user", scope="api"),
    Limit("300/min", by="device", scope="api"),
    Limit("1200/min", by="network", scope="api"),
)
_BURSTING = DEFAULT_LIMITS[:2]


@dataclass(frozen=True, slots=True)
class Policy:
    """A limit as it applies to one view: its buckets, and its name for clients."""

    by: By
    prefix: str
    name: str
    header: str
    interval: int  # microseconds that one request costs
    window: int  # microseconds that a bucket holds
    bursts: bool = False

    def state(self, backlog: int) -> str:
        """What is left, and in how many seconds there is more: everything, or the next one if nothing is left."""
        left = (self.window - backlog) // self.interval
        more_in = backlog if left else backlog + self.interval - self.window
        return f'"{self.name}";r={left};t={ceil(more_in / _SECOND)}'


@dataclass(slots=True)
class Bill:
    """What one request is charged with; `verdict` once it has been."""

    policies: list[Policy]
    charges: list[gcra.Charge]
    verdict: gcra.Verdict | None = None


class RateLimitThrottle(BaseThrottle):
    """Charges a request to every limit that applies to it; the answer says what is left."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        bill: Bill | None = getattr(request, "bill", None)
        if bill is None or bill.verdict is None:
            bill = _charged(request, view)
        if bill is None or bill.verdict is None:
            return True
        # The views' own header dict: it reaches every answer, also that of an exception.
        view.headers["RateLimit-Policy"] = _header(tuple(bill.policies))
        view.headers["RateLimit"] = _tightest(bill.policies, bill.verdict)
        if bill.verdict.wait:
            raise RateLimited(retry_after=ceil(bill.verdict.wait / _SECOND))
        return True


def open_bill(request: Request, user_id: str, device_id: str) -> Bill | None:
    """The bill of a request whose token has been read, to be charged where its session is looked up anyway."""
    view = (request.parser_context or {}).get("view")
    if view is None or RateLimitThrottle not in view.throttle_classes:
        return None
    bill = _bill(view, {"network": _network(request), "user": user_id, "device": device_id}, settings.RATE_LIMIT_SCALE)
    request.bill = bill  # type: ignore[attr-defined]
    return bill


def identities(request: Request) -> dict[str, str]:
    """Who is counted: the client's network always; the user and the device of a signed-in request."""
    callers = {"network": _network(request)}
    principal: Any = request.user
    if principal is not None:
        callers["user"] = str(principal.user_id)
        if principal.device_id is not None:
            callers["device"] = str(principal.device_id)
    return callers


def _network(request: Request) -> str:
    return network_of(request.META.get("REMOTE_ADDR", ""))


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """An IPv4 address as it is; of an IPv6 address the /64, which is what one subscriber holds."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)


@lru_cache(maxsize=1024)
def policies(view: type[Any], action: str, scale: float) -> tuple[Policy, ...]:
    """The limits of a view's action: those it declares, then the defaults."""
    declared: tuple[Limit, ...] = getattr(view, "limits", ())
    is_bursting = getattr(view, "bursts", False)
    return tuple(
        _policy(limit, limit.scope or _scope_of(view), scale, bursts=is_bursting and limit in _BURSTING)
        for limit in (*declared, *DEFAULT_LIMITS)
        if not limit.actions or action in limit.actions
    )


def _policy(limit: Limit, scope: str, scale: float, *, bursts: bool) -> Policy:
    count, seconds = parse_rate(limit.rate)
    quota = max(1, round(count * scale))
    # One view may limit the same caller by the minute and by the hour, and names must differ.
    name = limit.by if limit in DEFAULT_LIMITS else f"{scope}-{limit.by}-{limit.rate.partition('/')[2]}"
    window = seconds * _SECOND
    return Policy(
        by=limit.by,
        prefix=f"limit:{scope}:{limit.rate}:{limit.by}:",
        name=name,
        header=f'"{name}";q={quota};w={seconds}',
        interval=max(1, window // quota),
        window=window,
        bursts=bursts,
    )


def _scope_of(view: type[Any]) -> str:
    """`MentorSessionViewSet` as `mentor-session`."""
    return _WORDS.sub("-", re.sub("View(Set)?$", "", view.__name__)).lower()


def _charged(request: Request, view: "APIView") -> Bill | None:
    callers = identities(request)
    bill = _bill(view, callers, settings.RATE_LIMIT_SCALE)
    if bill is not None:
        bill.verdict = gcra.charge(bill.charges)
        if bill.verdict is None:
            bill = _bill(view, callers, settings.RATE_LIMIT_SCALE * SHARE_WITHOUT_REDIS)
            assert bill is not None
            bill.verdict = gcra.memory.charge(bill.charges)
    return bill


def _bill(view: "APIView", callers: dict[str, str], scale: float) -> Bill | None:
    if not scale:
        return None
    kind: Any = type(view)
    action = getattr(view, "action", None) or ""
    applying = [policy for policy in policies(kind, action, scale) if policy.by in callers]
    credit = bursts.key_of(callers["device"]) if "device" in callers else ""
    charges = [
        gcra.Charge(each.prefix + callers[each.by], each.interval, each.window, credit if each.bursts else "")
        for each in applying
    ]
    return Bill(applying, charges)


@lru_cache(maxsize=1024)
def _header(policies: tuple[Policy, ...]) -> str:
    return ", ".join([policy.header for policy in policies])


def _tightest(applying: list[Policy], verdict: gcra.Verdict) -> str:
    """The state of the limit that the next request comes closest to, or has hit."""
    used = [
        (backlog + policy.interval) / policy.window for policy, backlog in zip(applying, verdict.backlog, strict=True)
    ]
    index = used.index(max(used))
    return applying[index].state(verdict.backlog[index])
