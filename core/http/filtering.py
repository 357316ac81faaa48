"""Filters that take just what the API document says; django-filter's own take more, such as `0.5` and `null`."""

from typing import Any

import django_filters
from django import forms

_TRUTH = (("true", "true"), ("false", "false"))


class _TruthField(forms.TypedChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(choices=_TRUTH, coerce=lambda text: text == "true", empty_value=None, **options)


class TruthFilter(django_filters.BooleanFilter):  # type: ignore[misc]
    """`true` or `false`."""

    field_class = _TruthField


class WholeNumberFilter(django_filters.NumberFilter):  # type: ignore[misc]
    field_class = forms.IntegerField
