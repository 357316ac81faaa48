"""The base of every collection behind a router.

A leaf translates the request, calls one service or selector, and answers. What lists and details have in
common stands here: filters, order, pages, sparse fields, links, and the lean way of reading rows.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core.db.composed import Query, extended, plain
from core.errors import NotFound
from core.http import forms
from core.http.access import Caller
from core.http.fieldsets import Fieldset
from core.http.links import values_of
from core.http.pagination import PAGE_PARAMETERS, Page, PageRequest, key_of, order_of, page_request, page_response
from core.http.queries import FilterBackend, asked_fieldset, asked_filters, filter_names
from core.http.requests import ApiRequest
from core.http.rows import Row, Rows, compile_rows
from core.http.serializers import WireFieldsMixin
from core.http.views import ApiView
from core.http.wire import root_of

__all__ = ["ApiView", "ApiViewSet"]


class ApiViewSet(GenericViewSet[Any], ApiView):
    """A collection.

    Attributes:
        orderings: what `?ordering=` may name: declared name -> column, which must be indexed and not null.
        order: the order without it. The id is added, so that every order is total.
        filterset_class: the filters, a django-filter `FilterSet` in the app's `filters.py`.
    """

    orderings: ClassVar[Mapping[str, str]] = {}
    order: ClassVar[Sequence[str]] = ("-id",)
    filterset_class: ClassVar[Any] = None
    filter_backends = (FilterBackend,)
    lookup_value_converter = "id"

    def validated(self, request: ApiRequest, *, partial: bool = False) -> dict[str, Any]:
        """The request body, checked by the action's serializer."""
        return forms.validated(self.shape, request.data, self.get_serializer_context(), partial=partial)

    def one(self, row: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """Answer one model instance, the lean way."""
        [shown] = self.rendered([values_of(row, self.rows.columns)])
        return Response(shown, status=status, headers=dict(headers or {}))

    def find(self, query: Query, **lookup: Any) -> Response:
        """Answer the one row that `lookup` finds, the lean way.

        Raises:
            NotFound: there is none in `query`.
        """
        rows = self.read_rows(extended(query, _first, **lookup), self.rows.columns)
        if not rows:
            raise NotFound
        return Response(self.rendered(rows)[0])

    def page(self, query: Query) -> Response:
        """Answer one page of a query, filtered and ordered as asked, the lean way."""
        return self.answer_page(self.page_of(query, self.rows.columns))

    def page_of(self, query: Query, columns: tuple[str, ...]) -> Page[Row]:
        """One page of a query, filtered and ordered as asked: rows of `columns`, which others may follow."""
        query = self.filtered(query)
        asked = self.page_request
        names = [column.removeprefix("-") for column in asked.order]
        columns = (*columns, *(name for name in names if name not in columns))
        found = self.rows_of_page(asked.window(query), columns)
        return asked.of_window(found, key_of(columns, asked.order), lambda: plain(query).count())

    def rows_of_page(self, query: Query, columns: tuple[str, ...]) -> list[Row]:
        """The rows of a page, before it is cut to its length."""
        return self.read_rows(query, columns)

    def filtered(self, query: Query) -> Query:
        """What of a query the filters let through; without any it stays as it is."""
        return self.filter_queryset(plain(query)) if asked_filters(self.request, self) else query

    def page_of_sorted(self, rows: Sequence[Row], key: Callable[[Row], tuple[Any, ...]]) -> Response:
        """Answer one page of `rows` (of `self.rows.columns`), sorted ascending by the unique `key`."""
        return self.answer_page(self.page_request.of_sorted(rows, key))

    def answer_page(self, page: Page[Row]) -> Response:
        return page_response(self.request, page, self.rendered(page.rows))

    def rendered(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Rows of `self.rows.columns` as JSON values, with links."""
        root = root_of(self.request.path)
        return self.rows.render(rows, caller=self.caller, root=root, context=self.row_context())

    def row_context(self) -> dict[str, Any]:
        """What the serializer's `Computed` fields need to know of the request."""
        return {}

    @property
    def caller(self) -> Caller | None:
        caller: Caller | None = self.request.user
        return caller

    @property
    def shape(self) -> type[WireFieldsMixin]:
        shape: Any = self.get_serializer_class()
        return shape  # type: ignore[no-any-return]

    @cached_property
    def rows(self) -> Rows:
        """The action's serializer, compiled as this caller sees it."""
        shape = self.shape
        links = shape.links.offered(self.caller) if shape.links else ()
        return compile_rows(shape, self.request.wire, self.fieldset, links)

    @cached_property
    def fieldset(self) -> Fieldset:
        return asked_fieldset(self.request, self.shape)

    @cached_property
    def page_request(self) -> PageRequest:
        return page_request(self.request, order_of(self.request, self.orderings, self.order))

    def get_queryset(self) -> QuerySet[Any]:
        """Which model the collection is of, for the API document; rows are read through selectors."""
        model: Any = getattr(getattr(self.shape, "Meta", None), "model", None)
        return model.objects.none() if model else super().get_queryset()

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), **self.row_context(), "fieldset": self.fieldset}

    def query_parameters(self) -> frozenset[str]:
        known = super().query_parameters()
        if getattr(self, "action", None) != "list":
            return known
        ordering = {"ordering"} if self.orderings else set()
        return known | PAGE_PARAMETERS | filter_names(self) | ordering


def _first(queryset: QuerySet[Any], **lookup: Any) -> QuerySet[Any]:
    return queryset.filter(**lookup)[:1]
