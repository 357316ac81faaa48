"""Filters take just what the API document says."""

import django_filters
import pytest

from accounts.models import User
from core.http.filtering import TruthFilter, WholeNumberFilter


class ToyFilter(django_filters.FilterSet):  # type: ignore[misc]
    truth = TruthFilter(field_name="kept")
    number = WholeNumberFilter(field_name="kept", min_value=0)


def form_of(**sent: str) -> django_filters.FilterSet:
    return ToyFilter(data=sent, queryset=User.objects.none()).form


@pytest.mark.parametrize(("sent", "read"), [("true", True), ("false", False)])
def test_truth__one_of_two_words__is_read(sent: str, read: bool) -> None:
    form = form_of(truth=sent)

    assert form.is_valid()
    assert form.cleaned_data["truth"] is read


@pytest.mark.parametrize(
    "sent", [{"truth": "null"}, {"truth": "1"}, {"truth": "True"}, {"number": "0.5"}, {"number": "-1"}, {"number": "x"}]
)
def test_filter__anything_else__is_refused(sent: dict[str, str]) -> None:
    assert list(form_of(**sent).errors) == list(sent)


def test_filter__not_asked_for__is_none() -> None:
    form = form_of()

    assert form.is_valid()
    assert form.cleaned_data == {"truth": None, "number": None}
