"""What is measured: each workload once, in words that every peer can say in its own language."""

from dataclasses import dataclass
from enum import StrEnum

from bench.load import NUMBER

PAGE = 50  # events or listings per list
CONNECTIONS = (16, 64)
WINDOW_START = f"2026-01-01T00:00:00.{NUMBER}Z"
WINDOW_END = "2026-12-31T00:00:00Z"


class Workload(StrEnum):
    LIST = "list"
    WINDOW = "window"
    LIST_UNCHANGED = "list-unchanged"
    LIST_CONDITIONAL = "list-304"
    ONE = "one"
    CREATE = "create"
    LOGIN = "login"
    REFRESH = "refresh"
    LISTINGS = "listings"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Description:
    title: str
    status: int
    what: str
    connections: tuple[int, ...] = CONNECTIONS
    least_seconds: int = 1


DESCRIPTIONS = {
    Workload.LIST: Description(
        "list of 50",
        200,
        "the first page of a user's events, for each of the users in turn; rows are read and rendered every time"
        " (each request names another host, so that no kept body fits)",
    ),
    Workload.WINDOW: Description(
        "window of 50", 200, "the events between two moments, the first of them another one in every request"
    ),
    Workload.LIST_UNCHANGED: Description(
        "list of 50, unchanged", 200, "the list again, from one host; bodies may be kept"
    ),
    Workload.LIST_CONDITIONAL: Description("list of 50, `304`", 304, "the same with `If-None-Match`"),
    Workload.ONE: Description("one event", 200, "by id, by its owner"),
    Workload.CREATE: Description("create", 201, "one event, by each of the users in turn"),
    Workload.LOGIN: Description(
        "login",
        200,
        "e-mail and password of each user in turn, on a device known by its id, with few sessions; opens one more",
        # Plain DRF hashes ten passwords a second.
        connections=(16,),
        least_seconds=8,
    ),
    Workload.REFRESH: Description("refresh", 200, "each session rotates its own token, again and again"),
    Workload.LISTINGS: Description(
        "50 listings",
        200,
        "the newest of 10,000 listings, for each of the users in turn and another host, so that no kept body fits;"
        " found, counted and put together every time, of rows that may be kept rendered",
    ),
    Workload.SEARCH: Description(
        "search of listings", 200, "the best 50 matches for one of several words or phrases, typing errors among them"
    ),
}
