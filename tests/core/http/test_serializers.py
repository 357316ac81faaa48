from typing import Any

import pytest
from rest_framework import serializers

from core.http.serializers import Serializer, TextValues


class Sample(Serializer):
    title = serializers.CharField(required=False, allow_null=True)
    is_open = serializers.BooleanField(required=False)
    places = serializers.IntegerField(required=False)
    fee = serializers.DecimalField(max_digits=9, decimal_places=2, required=False)


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("title", 7, "Must be a string."),
        ("title", True, "Must be a string."),
        ("is_open", 0, "Must be true or false."),
        ("is_open", "yes", "Must be true or false."),
        ("places", "3", "Must be an integer."),
        ("places", True, "Must be an integer."),
        ("fee", 12.5, "Must be a decimal number in a string."),
    ],
)
def test_json__other_type_than_declared__is_refused_and_not_converted(name: str, value: Any, wanted: str) -> None:
    sample = Sample(data={name: value})

    assert not sample.is_valid()
    assert sample.errors == {name: [wanted]}
    assert sample.errors[name][0].code == "invalid_type"


@pytest.mark.parametrize("values", [{"title": None}, {"title": "a", "is_open": False, "places": 0, "fee": "12.50"}])
def test_json__declared_types__are_taken(values: dict[str, Any]) -> None:
    assert Sample(data=values).is_valid()


def test_text__from_a_query_string__is_converted() -> None:
    sample = Sample(data=TextValues(is_open="true", places="3", fee="12.50"))

    assert sample.is_valid(), sample.errors
    assert sample.validated_data["is_open"] is True
    assert sample.validated_data["places"] == 3
