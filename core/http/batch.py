"""Several requests in one: each is answered as if it had come by itself, from the same client, one after the other.

An operation passes the whole middleware and its view, so that no check, limit or key is evaded; only what belongs to
the client, and not to one request, is handed on. An atomic batch stands in one transaction, and its first failure
takes back all that the others did; what was refused stays on record, and what was charged stays charged.
Not here: what a batch looks like (`core/http/batch_view.py`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from io import BytesIO
from secrets import token_hex
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpResponse
from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, get_resolver, resolve

from core import context
from core.errors import AppError, Invalid
from core.http.access import SAFE_METHODS, UNSAFE_METHODS, Access
from core.http.idempotency import read_key
from core.http.problems import problem_response
from core.http.renderers import JSONRenderer, dump_json
from core.http.requests import ApiRequest
from core.http.routing import declaration_of
from core.http.views import ApiView

# Of the client, and true of all its requests.
_HANDED_ON = (
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_AUTHORIZATION",
    "HTTP_DOWNLINK",
    "HTTP_ECT",
    "HTTP_HOST",
    "HTTP_SAVE_DATA",
    "HTTP_USER_AGENT",
    "HTTP_X_APP_VERSION",
    "HTTP_X_DEVICE_FINGERPRINT",
    "HTTP_X_GIGVORA_ROLES",
    "HTTP_X_NETWORK_TYPE",
    "REMOTE_ADDR",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
)
# Of one request. The last two are signatures of its method and path, which nobody can reuse for another.
OWN_HEADERS = frozenset(
    {
        "accept-language",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "prefer",
        "dpop",
        "x-gigvora-gateway-assertion",
    }
)
_KEY = "HTTP_IDEMPOTENCY_KEY"


class BatchNotAllowed(Invalid):
    code = "batch_not_allowed"
    detail = "This has to be sent as a request of its own."


class BatchNotAtomic(Invalid):
    code = "batch_not_atomic"
    detail = "This can be part of a batch, but not of an atomic one, which holds changes that can be taken back."


class BatchNotJson(AppError):
    status = 406
    code = "batch_not_json"
    detail = "A batch holds JSON alone. Ask for this with a request of its own."


class RolledBack(AppError):
    status = 424
    code = "rolled_back"
    detail = "Another operation of the atomic batch failed, so that this one did not happen."


@dataclass(frozen=True, slots=True)
class Operation:
    """One request of a batch; `path` includes the query, and a `body` of `None` is none."""

    method: str
    path: str
    id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


def alone(*routes: URLPattern | URLResolver) -> list[URLPattern | URLResolver]:
    """Keep routes out of batches: those by which people come in and prove who they are, and the batch itself."""
    for route in routes:
        route.is_alone = True  # type: ignore[union-attr]
    return list(routes)


def answer(request: ApiRequest, operations: Sequence[Operation], *, atomic: bool) -> list[HttpResponse]:
    """Answer the operations of a batch that came in `request`, in their order.

    Raises:
        InvalidIdempotencyKey: the batch has one that is none.
    """
    requests = [_request(request, operation) for operation in operations]
    return _all_or_nothing(requests) if atomic else [_answer(each) for each in requests]


def _all_or_nothing(requests: Sequence[WSGIRequest]) -> list[HttpResponse]:
    answers: list[HttpResponse] = []
    with transaction.atomic():
        for request in requests:
            answers.append(_answer(request, atomic=True))
            if answers[-1].status_code >= 400:
                transaction.set_rollback(True)
                break
        else:
            return answers
    failed = requests[len(answers) - 1]
    return [answers[-1] if each is failed else problem_response(RolledBack(), each) for each in requests]


def _answer(request: WSGIRequest, *, atomic: bool = False) -> HttpResponse:
    objection = _objection(request, atomic=atomic)
    if objection is not None:
        return problem_response(objection, request)
    response = _handler().get_response(request)
    if isinstance(response, HttpResponse) and _is_json(response):
        return response
    _let_go(response)
    return problem_response(BatchNotJson(), request)


def _objection(request: WSGIRequest, *, atomic: bool) -> AppError | None:
    """Why the operation cannot be part of the batch."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None  # it is told so as everywhere
    declared = declaration_of(match)
    if isinstance(declared, Access) and declared.is_staff_only:
        return None  # as if there were nothing
    view = getattr(match.func, "cls", None)
    if view is None or not issubclass(view, ApiView) or _is_alone(match):
        return BatchNotAllowed()
    if view.renderer_classes[0] is not JSONRenderer:
        return BatchNotJson()
    # What is read in a transaction must not be kept as if it were committed, nor shown to stand under its version.
    if atomic and (request.method in SAFE_METHODS or not view.idempotent):
        return BatchNotAtomic()
    return None


def _request(outer: ApiRequest, operation: Operation) -> WSGIRequest:
    """The operation as a request that came by itself."""
    path, _, query = operation.path.partition("?")
    body = b"" if operation.body is None else dump_json(operation.body)
    environ = {name: outer.META[name] for name in _HANDED_ON if name in outer.META}
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in operation.headers.items()}
    if operation.method in UNSAFE_METHODS and _KEY in outer.META:
        environ.setdefault(_KEY, _key_of(outer.META[_KEY], operation.id))
    environ |= {
        "REQUEST_METHOD": operation.method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),  # as WSGI has it
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/json" if body else "",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ACCEPT": "application/json",
        "HTTP_TRACEPARENT": f"00-{context.current().trace_id}-{token_hex(8)}-01",
        "wsgi.url_scheme": outer.scheme,
        "wsgi.input": BytesIO(body),
    }
    return WSGIRequest(environ)


def _key_of(key: str, operation_id: str) -> str:
    """The key that an operation without its own gets from the batch's, so that a batch may be sent again."""
    return "batch-" + blake2b(f"{read_key(key)}\n{operation_id}".encode(), digest_size=32).hexdigest()


def _is_json(response: HttpResponse) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    return not response.content or kind == "application/json" or kind.endswith("+json")


def _let_go(response: Any) -> None:
    """Close the files behind an answer; its own `close` would also end the request that the batch came in."""
    for close in response._resource_closers:
        close()


@lru_cache(maxsize=1)
def _handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def _is_alone(match: ResolverMatch) -> bool:
    return _alone_by_path(settings.ROOT_URLCONF)["/" + match.route]


@lru_cache(maxsize=4)
def _alone_by_path(urlconf: str) -> Mapping[str, bool]:
    """Of two routes with the same path, Django serves the first."""
    found: dict[str, bool] = {}
    for path, is_alone in _walk(get_resolver(urlconf).url_patterns, "/", False):
        found.setdefault(path, is_alone)
    return found


def _walk(entries: Iterable[URLPattern | URLResolver], prefix: str, inherited: bool) -> Iterator[tuple[str, bool]]:
    for entry in entries:
        path, is_alone = prefix + str(entry.pattern), getattr(entry, "is_alone", inherited)
        if isinstance(entry, URLResolver):
            yield from _walk(entry.url_patterns, path, is_alone)
        else:
            yield path, is_alone
