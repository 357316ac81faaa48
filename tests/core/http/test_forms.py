"""Forms are lent out again and again, and remember nothing."""

from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework import serializers

from core.http.forms import validated, validated_text
from core.http.serializers import Serializer, TextValues
from core.http.wire import SNAKE_WIRE, Case, Wire

CAMEL = Wire(Case.CAMEL)


class NoteSerializer(Serializer):
    note_text = serializers.CharField(max_length=5)
    reader = serializers.CharField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("reader") == "nested":
            inner = validated(NoteSerializer, {"note_text": "inner"}, {**self.context, "reader": "nobody"})
            return {**attrs, "inner": inner, "for": self.context["reader"]}
        return {**attrs, "for": self.context["reader"]}


def _context(reader: str, wire: Wire = SNAKE_WIRE) -> dict[str, Any]:
    return {"request": SimpleNamespace(wire=wire), "reader": reader}


def test_validated__again_and_again__every_time_by_its_own_context_and_case() -> None:
    for reader in ("ada", "grace"):
        assert validated(NoteSerializer, {"note_text": reader}, _context(reader)) == {
            "note_text": reader,
            "for": reader,
        }
        assert validated(NoteSerializer, {"noteText": reader}, _context(reader, CAMEL)) == {
            "note_text": reader,
            "for": reader,
        }


def test_validated__inside_of_itself__another_form() -> None:
    data = {"note_text": "outer", "reader": "nested"}

    assert validated(NoteSerializer, data, _context("ada")) == {
        **data,
        "inner": {"note_text": "inner", "for": "nobody"},
        "for": "ada",
    }


@pytest.mark.parametrize(
    "refused", [{}, {"note_text": "too long"}, {"note_text": 7}, {"noteText": "case"}, None, [], "text"]
)
@pytest.mark.parametrize("partial", [False, True])
def test_validated__after_a_refusal__as_a_new_serializer_says(refused: Any, partial: bool) -> None:
    fresh = NoteSerializer(data=refused, context=_context("ada"), partial=partial)
    if fresh.is_valid():
        assert validated(NoteSerializer, refused, _context("ada"), partial=partial) == fresh.validated_data
    else:
        with pytest.raises(serializers.ValidationError) as raised:
            validated(NoteSerializer, refused, _context("ada"), partial=partial)
        assert raised.value.detail == fresh.errors
        assert raised.value.get_codes() == serializers.ValidationError(fresh.errors).get_codes()

    assert validated(NoteSerializer, {"note_text": "kept"}, _context("bob")) == {"note_text": "kept", "for": "bob"}


class WordsSerializer(Serializer):
    first_word = serializers.CharField(max_length=5, required=False)
    count = serializers.IntegerField(default=1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("first_word") == "wrong":
            raise serializers.ValidationError("Not this one.", code="wrong")
        return {**attrs, "for": self.context["reader"]}


def test_validated_text__same_text__read_once_and_checked_for_each() -> None:
    for reader in ("ada", "grace"):
        found = validated_text(WordsSerializer, (("first_word", "hello"), ("count", "7")), _context(reader))
        assert found == {"first_word": "hello", "count": 7, "for": reader}
    assert validated_text(WordsSerializer, (("firstWord", "hello"),), _context("ada", CAMEL)) == {
        "first_word": "hello",
        "count": 1,
        "for": "ada",
    }


@pytest.mark.parametrize(
    "sent", [(("first_word", "too long"),), (("count", "x"),), (("unknown", "x"),), (("first_word", "wrong"),)], ids=str
)
def test_validated_text__refused__in_the_words_of_a_new_serializer(sent: tuple[tuple[str, str], ...]) -> None:
    fresh = WordsSerializer(data=TextValues(sent), context=_context("ada"))
    assert not fresh.is_valid()
    for _ in range(2):
        with pytest.raises(serializers.ValidationError) as raised:
            validated_text(WordsSerializer, sent, _context("ada"))
        assert raised.value.detail == fresh.errors
