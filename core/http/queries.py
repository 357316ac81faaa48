"""Query parameters: allow-lists that speak the surface's case. A name that is not on one is refused."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.utils import translate_validation

from core.errors import FieldError, Invalid
from core.http.fieldsets import EVERYTHING, FIELDSET_PARAMETERS, Fieldset, fieldset_of
from core.http.forms import validated_text
from core.http.requests import ApiRequest
from core.http.serializers import WireFieldsMixin
from core.http.versions import unknown_to
from core.http.wire import Wire


def refuse_unknown(request: ApiRequest, known: frozenset[str]) -> None:
    """Check the names of the query parameters against the declared ones.

    Raises:
        Invalid: a parameter that the route does not know.
    """
    if not request.query_params:
        return
    names = _shown(request.wire, known)
    unknown = [name for name in request.query_params if name not in names]
    if unknown:
        message = f"There is no such parameter. Choose from: {', '.join(sorted(names)) or 'none'}."
        raise Invalid(errors=[FieldError(f"/{name[:50]}", "unknown_parameter", message) for name in unknown[:10]])


@lru_cache(maxsize=1024)
def _shown(wire: Wire, names: frozenset[str]) -> Mapping[str, str]:
    """Parameters as a surface writes them, each with its declared name."""
    return {wire.name(name): name for name in names}


@lru_cache(maxsize=256)
def names_of(serializer_class: type[WireFieldsMixin] | None) -> frozenset[str]:
    return frozenset(serializer_class().fields) if serializer_class else frozenset()


def validated_query(
    request: ApiRequest, serializer_class: type[WireFieldsMixin], context: dict[str, Any]
) -> dict[str, Any]:
    """The parameters that `serializer_class` declares, checked and converted, by declared name."""
    names = _shown(request.wire, names_of(serializer_class))
    sent = tuple((name, str(value)) for name, value in request.query_params.items() if name in names)
    return validated_text(serializer_class, sent, context)


def asked_fieldset(request: ApiRequest, serializer_class: type[WireFieldsMixin]) -> Fieldset:
    """What `?fields=` and `?expand=` ask for; an older train may name the fields that it knows."""
    if FIELDSET_PARAMETERS.isdisjoint(request.query_params):
        return EVERYTHING
    older = (change.fields for change in unknown_to(request.wire, serializer_class.version_changes))
    fields = names_of(serializer_class).union(*older)
    return fieldset_of(request.query_params, request.wire, fields, serializer_class.expandable)


class FilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """django-filter's backend, reading declared names from parameters in the surface's case."""

    def values(self, request: ApiRequest, queryset: QuerySet[Any], view: Any) -> dict[str, Any]:
        """What the filters that are asked for say, checked and converted, by declared name."""
        filterset = self.get_filterset(request, queryset, view)
        if not filterset.is_valid():
            raise translate_validation(filterset.errors)
        values: dict[str, Any] = filterset.form.cleaned_data
        return values

    def filter_queryset(self, request: ApiRequest, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if not asked_filters(request, view):
            return queryset
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered

    def get_filterset(self, request: ApiRequest, queryset: QuerySet[Any], view: Any) -> Any:
        """The filters that are asked for; a form of all that there are would cost more than reading the rows."""
        filterset_class = _of_those(self.get_filterset_class(view, queryset), asked_filters(request, view))
        return filterset_class(**self.get_filterset_kwargs(request, queryset, view))

    def get_filterset_kwargs(self, request: ApiRequest, queryset: QuerySet[Any], view: Any) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        declared = _shown(request.wire, filter_names(view))
        data = request.query_params.copy()
        for shown, name in declared.items():
            if shown in data:
                data.setlist(name, _values(request, shown))
        return {**kwargs, "data": data}


@lru_cache(maxsize=1024)
def _of_those(filterset_class: Any, names: frozenset[str]) -> Any:
    """The filter set with the named filters alone."""
    narrowed: Any = type(filterset_class.__name__, (filterset_class,), {})
    narrowed.base_filters = {name: each for name, each in filterset_class.base_filters.items() if name in names}
    return narrowed


def _values(request: ApiRequest, shown: str) -> list[str]:
    """The values of one filter; an empty one, which would filter nothing, is a mistake of the caller's."""
    values = request.query_params.getlist(shown)
    if not all(values):
        raise Invalid.field(shown, "Give it a value, or leave it out.", "blank")
    return values


def asked_filters(request: ApiRequest, view: Any) -> frozenset[str]:
    """The declared names of the filters that are asked for."""
    shown = _shown(request.wire, filter_names(view))
    return frozenset(shown[name] for name in request.query_params if name in shown)


def filter_names(view: Any) -> frozenset[str]:
    filterset_class = getattr(view, "filterset_class", None)
    return frozenset(filterset_class.base_filters) if filterset_class else frozenset()
