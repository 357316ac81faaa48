"""How every API view handles a request: settle the train, authorise, answer once, tag, say how long it keeps.

The access declaration is enforced by the authentication and permission classes; here is only the wire.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework.response import Response
from rest_framework.views import APIView

from core import context
from core.http import conditional, versions
from core.http.access import SAFE_METHODS, Declaration
from core.http.conditional import CachePolicy
from core.http.deprecation import Deprecation
from core.http.fieldsets import FIELDSET_PARAMETERS
from core.http.idempotency import answer_once
from core.http.queries import names_of, refuse_unknown, validated_query
from core.http.reading import answer_read, tag_change
from core.http.requests import ApiRequest
from core.http.serializers import WireFieldsMixin

VARY = "Accept, Authorization, X-App-Version, X-Gigvora-Roles"


class ApiView(APIView):
    """A route that is no collection, such as `POST /auth/login`.

    Attributes:
        access: who may call; required.
        idempotent: whether `Idempotency-Key` is honoured. A flow that must commit before it refuses opts out.
        versioned: whether the resource has a `version`, so that `Prefer: require-match` is honoured.
        cache_policy: how long answers may be kept on the `/api` surface.
        deprecation: since when the route is deprecated, and until when it is served.
        query_serializer_class: the query parameters of the route; any other is refused.
        changes_at: set by a handler whose body changes by itself, to the next moment at which it does.
    """

    access: ClassVar[Declaration]
    idempotent: ClassVar[bool] = True
    versioned: ClassVar[bool] = False
    cache_policy: ClassVar[CachePolicy | None] = None
    deprecation: ClassVar[Deprecation | None] = None
    query_serializer_class: type[WireFieldsMixin] | None = None
    metadata_class = None
    request: ApiRequest
    changes_at: datetime | None = None

    def data_version(self) -> str | None:
        """What changes whenever the data behind a GET does, in one look-up; asked before the rows are read.

        With it an unchanged answer costs no query of the rows. `None`: the tag is a digest of the body.
        """
        return None

    def query(self) -> dict[str, Any]:
        """The query parameters, checked by `query_serializer_class`, under their declared names."""
        assert self.query_serializer_class is not None
        return validated_query(self.request, self.query_serializer_class, {"request": self.request})

    @property
    def expected_version(self) -> int | None:
        """The `version` that the client's `If-Match` expects; services check it on the locked row."""
        return conditional.expected_version(self.request)

    def query_parameters(self) -> frozenset[str]:
        """The declared names of all query parameters that the route knows."""
        return FIELDSET_PARAMETERS | names_of(self.query_serializer_class)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """DRF's order of events, except that the answer is rendered here and not after the view."""
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(self.request, *args, **kwargs)
            return self._answer(self.request)
        except Exception as error:
            return self._rendered(self.handle_exception(error))

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
        refuse_unknown(request, self.query_parameters())
        if self.versioned and kwargs and request.method not in SAFE_METHODS:
            conditional.require_match(request)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Vary", VARY)
        response.headers.setdefault("Cache-Control", self._cache_control(request, response))
        if self.deprecation is not None:
            self._announce_end(self.deprecation, response)
        return response

    def _answer(self, request: ApiRequest) -> HttpResponseBase:
        if request.method in {"GET", "HEAD"}:
            answered = answer_read(request, self.data_version(), self._handled, lambda: self.changes_at)
            return answered if answered.has_header("Vary") else self._rendered(answered)
        if request.method not in SAFE_METHODS and self.idempotent:
            return answer_once(request, self._changed)
        return self._changed()

    def _changed(self) -> HttpResponseBase:
        return tag_change(self.request, self._handled())

    def _handled(self) -> HttpResponseBase:
        method = str(self.request.method).lower()
        known = method in self.http_method_names
        handler = getattr(self, method, self.http_method_not_allowed) if known else self.http_method_not_allowed
        return self._rendered(handler(self.request, *self.args, **self.kwargs))

    def _rendered(self, response: HttpResponseBase) -> HttpResponseBase:
        response = self.finalize_response(self.request, response, *self.args, **self.kwargs)
        return response.render() if isinstance(response, Response) else response

    def _cache_control(self, request: ApiRequest, response: HttpResponseBase) -> str:
        if request.method not in SAFE_METHODS or response.status_code not in {200, 304}:
            return "no-store"
        if self.cache_policy is not None and request.path.startswith("/api/"):
            return self.cache_policy.header(is_mobile=context.current().channel.is_mobile)
        return "private, no-cache"

    @staticmethod
    def _announce_end(deprecation: Deprecation, response: HttpResponseBase) -> None:
        for name, value in deprecation.headers().items():
            former = response.headers.get(name) if name == "Link" else None
            response.headers[name] = f"{former}, {value}" if former else value
