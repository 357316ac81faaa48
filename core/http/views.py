"""How every API view handles a request: settle the train, authorise, answer once, tag, say how long it keeps.

The access declaration is enforced by the authentication and permission classes; here is only the wire.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.response import Response
from rest_framework.views import APIView

from core import context
from core.contributions.flags import Flag
from core.db.binary import Row
from core.db.composed import Query, rows_of
from core.db.versions import DataVersion
from core.http import conditional, versions
from core.http.access import SAFE_METHODS, Declaration
from core.http.conditional import CachePolicy
from core.http.deprecation import Deprecation
from core.http.fieldsets import FIELDSET_PARAMETERS
from core.http.headers import put, put_missing
from core.http.idempotency import answer_once
from core.http.queries import names_of, refuse_unknown, validated_query
from core.http.reading import answer_read, tag_change
from core.http.requests import ApiRequest
from core.http.serializers import WireFieldsMixin

VARY = "Accept, Authorization, X-App-Version, X-Gigvora-Roles"


@lru_cache(maxsize=256)
def _shared(classes: tuple[type[Any], ...]) -> list[Any]:
    """One of each for all requests, as parsers, renderers and their like remember nothing of one."""
    return [each() for each in classes]


_parameters: dict[tuple[type[APIView], str | None], frozenset[str]] = {}


class ApiView(APIView):
    """A route that is no collection, such as `POST /auth/login`.

    Attributes:
        access: who may call; required.
        feature: the flag without which the route is gone.
        idempotent: whether `Idempotency-Key` is honoured. A flow that must commit before it refuses opts out.
        versioned: whether the resource has a `version`, so that `Prefer: require-match` is honoured.
        cache_policy: how long answers may be kept, on `/api` unless it says everywhere.
        deprecation: since when the route is deprecated, and until when it is served.
        query_serializer_class: the query parameters of the route; any other is refused.
        changes_at: set by a handler whose body changes by itself, to the next moment at which it does.
    """

    access: ClassVar[Declaration]
    feature: ClassVar[Flag | None] = None
    idempotent: ClassVar[bool] = True
    versioned: ClassVar[bool] = False
    cache_policy: ClassVar[CachePolicy | None] = None
    deprecation: ClassVar[Deprecation | None] = None
    query_serializer_class: type[WireFieldsMixin] | None = None
    metadata_class = None
    request: ApiRequest
    version: DataVersion | str | None = None
    changes_at: datetime | None = None

    def data_version(self) -> DataVersion | str | None:
        """What changes whenever the data behind a GET does, in one look-up; asked before the rows are read.

        With it an unchanged answer costs no query of the rows. A `DataVersion` is read where it is needed: by itself,
        or by `read_rows`, through which the handler then has to read. `None`: the tag is a digest of the body.
        """
        return None

    def read_rows(self, query: Query, columns: Sequence[str]) -> list[Row]:
        """The `columns` of a query's rows; the version of the data comes with them if it was not read before."""
        version = self.version
        return version.rows_of(query, columns) if isinstance(version, DataVersion) else rows_of(query, columns)

    def query(self) -> dict[str, Any]:
        """The query parameters, checked by `query_serializer_class`, under their declared names."""
        assert self.query_serializer_class is not None
        return validated_query(self.request, self.query_serializer_class, {"request": self.request})

    @property
    def expected_version(self) -> int | None:
        """The `version` that the client's `If-Match` expects; services check it on the locked row."""
        return conditional.expected_version(self.request)

    def query_parameters(self) -> frozenset[str]:
        """The declared names of all query parameters that the action knows, whatever the request."""
        return FIELDSET_PARAMETERS | names_of(self.query_serializer_class)

    def _known_parameters(self) -> frozenset[str]:
        key = (type(self), getattr(self, "action", None))
        if key not in _parameters:
            _parameters[key] = self.query_parameters()
        return _parameters[key]

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """DRF's order of events, except that the answer is rendered here and not after the view."""
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(self.request, *args, **kwargs)
            response = self._answer(self.request)
        except Exception as error:
            response = self._rendered(self.handle_exception(error))
        response = self._labelled(self.request, response)
        self._let_go()
        return response

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {}  # what throttles and authenticators add is sent by `_labelled`, also with answers that were kept

    def get_parsers(self) -> list[Any]:
        return _shared(tuple(self.parser_classes))

    def get_renderers(self) -> list[Any]:
        return _shared(tuple(self.renderer_classes))

    def get_authenticators(self) -> list[Any]:
        return _shared(tuple(self.authentication_classes))

    def get_permissions(self) -> list[Any]:
        return _shared(tuple(self.permission_classes))

    def get_throttles(self) -> list[Any]:
        return _shared(tuple(self.throttle_classes))

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return ApiRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        request.wire = versions.negotiate(request)
        super().initial(request, *args, **kwargs)
        if self._handler(request) is None:
            raise MethodNotAllowed(str(request.method))
        refuse_unknown(request, self._known_parameters())
        if self.versioned and kwargs and request.method not in SAFE_METHODS:
            conditional.require_match(request)

    def _answer(self, request: ApiRequest) -> HttpResponseBase:
        if request.method in {"GET", "HEAD"}:
            self.version = self.data_version()
            return answer_read(request, self.version, self._handled, lambda: self.changes_at)
        if request.method not in SAFE_METHODS and self.idempotent:
            return answer_once(request, self._changed)
        return self._changed()

    def _changed(self) -> HttpResponseBase:
        return tag_change(self.request, self._handled())

    def _handled(self) -> HttpResponseBase:
        handler = self._handler(self.request)
        assert handler is not None, "`initial` has refused other methods."
        return self._rendered(handler(self.request, *self.args, **self.kwargs))

    def _handler(self, request: ApiRequest) -> Callable[..., HttpResponseBase] | None:
        method = str(request.method).lower()
        return getattr(self, method, None) if method in self.http_method_names else None

    def _rendered(self, response: HttpResponseBase) -> HttpResponseBase:
        """Render what a handler answers; DRF's `finalize_response`, but for the headers, which `_labelled` sets."""
        if not isinstance(response, Response):
            return response
        request: Any = self.request
        if not getattr(request, "accepted_renderer", None):  # it was refused before anything was negotiated
            negotiated = self.perform_content_negotiation(request, force=True)
            request.accepted_renderer, request.accepted_media_type = negotiated
        response.accepted_renderer = request.accepted_renderer
        response.accepted_media_type = request.accepted_media_type
        response.renderer_context = self.get_renderer_context()  # type: ignore[attr-defined]
        answer: HttpResponseBase = response.render()
        response.renderer_context = {}  # type: ignore[attr-defined]  # it holds the response
        return answer

    def _labelled(self, request: ApiRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say of any answer what it depends on, how long it keeps and whether the route will end."""
        headers = response.headers
        for name, value in self.headers.items():
            put(response, name, value)
        put_missing(response, {"Vary": VARY, "Cache-Control": self._cache_control(request, response.status_code)})
        if response.status_code == 405:
            headers["Allow"] = ", ".join(self.allowed_methods)
        if self.deprecation is not None:
            for name, value in self.deprecation.headers().items():
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return response

    def _let_go(self) -> None:
        """Hold oneself no longer: what the request has read would stay until the garbage collector comes by."""
        self.request.parser_context = {}
        for method in getattr(self, "action_map", None) or ():
            vars(self).pop(method, None)

    def _cache_control(self, request: ApiRequest, status: int) -> str:
        if request.method not in SAFE_METHODS or status not in {200, 304}:
            return "no-store"
        policy = self.cache_policy
        if policy is not None and (policy.everywhere or request.path.startswith("/api/")):
            return policy.header(is_mobile=context.current().channel.is_mobile)
        return "private, no-cache"
