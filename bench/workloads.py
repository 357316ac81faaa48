"""What is measured: each workload once, in words that every peer can say in its own language."""

from dataclasses import dataclass
from enum import StrEnum

PAGE = 50  # events per list
CONNECTIONS = (16, 64)


class Workload(StrEnum):
    LIST = "list"
    LIST_UNCHANGED = "list-unchanged"
    LIST_CONDITIONAL = "list-304"
    ONE = "one"
    CREATE = "create"
    LOGIN = "login"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Description:
    title: str
    status: int
    what: str
    connections: tuple[int, ...] = CONNECTIONS
    least_seconds: int = 1


DESCRIPTIONS = {
    Workload.LIST: Description(
        "list of 50", 200, "every request asks from another moment on, so rows are read and rendered each time"
    ),
    Workload.LIST_UNCHANGED: Description(
        "list of 50, unchanged", 200, "the same question again, by each of the users in turn; bodies may be cached"
    ),
    Workload.LIST_CONDITIONAL: Description("list of 50, `304`", 304, "the same with `If-None-Match`"),
    Workload.ONE: Description("one event", 200, "by id, by its owner"),
    Workload.CREATE: Description("create", 201, "one event, by each of the users in turn"),
    Workload.LOGIN: Description(
        "login",
        200,
        "e-mail and password of each user in turn; opens a session",
        # Plain DRF hashes ten passwords a second.
        connections=(16,),
        least_seconds=8,
    ),
    Workload.REFRESH: Description("refresh", 200, "each session rotates its own token, again and again"),
}
