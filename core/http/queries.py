"""Query parameters: allow-lists that speak the surface's case. A name that is not on one is refused."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend

from core.errors import FieldError, Invalid
from core.http.fieldsets import EVERYTHING, FIELDSET_PARAMETERS, Fieldset, fieldset_of
from core.http.forms import validated
from core.http.requests import ApiRequest
from core.http.serializers import TextValues, WireFieldsMixin
from core.http.versions import unknown_to


def refuse_unknown(request: ApiRequest, known: Iterable[str]) -> None:
    """Check the names of the query parameters against the declared ones.

    Raises:
        Invalid: a parameter that the route does not know.
    """
    if not request.query_params:
        return
    names = {request.wire.name(name) for name in known}
    unknown = [name for name in request.query_params if name not in names]
    if unknown:
        message = f"There is no such parameter. Choose from: {', '.join(sorted(names)) or 'none'}."
        raise Invalid(errors=[FieldError(f"/{name[:50]}", "unknown_parameter", message) for name in unknown[:10]])


@lru_cache(maxsize=256)
def names_of(serializer_class: type[WireFieldsMixin] | None) -> frozenset[str]:
    return frozenset(serializer_class().fields) if serializer_class else frozenset()


def validated_query(
    request: ApiRequest, serializer_class: type[WireFieldsMixin], context: dict[str, Any]
) -> dict[str, Any]:
    """The parameters that `serializer_class` declares, checked and converted, by declared name."""
    names = {request.wire.name(name) for name in names_of(serializer_class)}
    sent = TextValues({name: value for name, value in request.query_params.items() if name in names})
    return validated(serializer_class, sent, context)


def asked_fieldset(request: ApiRequest, serializer_class: type[WireFieldsMixin]) -> Fieldset:
    """What `?fields=` and `?expand=` ask for; an older train may name the fields that it knows."""
    if FIELDSET_PARAMETERS.isdisjoint(request.query_params):
        return EVERYTHING
    older = (change.fields for change in unknown_to(request.wire, serializer_class.version_changes))
    fields = names_of(serializer_class).union(*older)
    return fieldset_of(request.query_params, request.wire, fields, serializer_class.expandable)


class FilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """django-filter's backend, reading declared names from parameters in the surface's case."""

    def filter_queryset(self, request: ApiRequest, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        # Without a filter there is nothing to check, and the form would cost more than reading the rows.
        shown = {request.wire.name(name) for name in filter_names(view)}
        if shown.isdisjoint(request.query_params):
            return queryset
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered

    def get_filterset_kwargs(self, request: ApiRequest, queryset: QuerySet[Any], view: Any) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        declared = {request.wire.name(name): name for name in filter_names(view)}
        data = request.query_params.copy()
        for shown, name in declared.items():
            if shown in data:
                data.setlist(name, request.query_params.getlist(shown))
        return {**kwargs, "data": data}


def filter_names(view: Any) -> frozenset[str]:
    filterset_class = getattr(view, "filterset_class", None)
    return frozenset(filterset_class.base_filters) if filterset_class else frozenset()
