"""SQLite finds what PostgreSQL finds: the same listings, and nearly the same ones first.

Both answer from the same listings. What PostgreSQL answered is in a file, so that either database is compared alone,
and on PostgreSQL the file is compared with what it answers now.
"""

import os
from statistics import mean

import pytest
from django.db import connection

from tests.explorer import judged

pytestmark = pytest.mark.django_db
on_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="It is PostgreSQL that is recorded")
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL is what it is compared with")

RECALL = 0.9  # of the first listings that PostgreSQL shows
RECALL_OF_A_KIND = 0.8


@on_postgres
def test_recording__on_postgres__is_what_it_answers() -> None:
    answers = judged.answers()
    if os.environ.get("UPDATE_JUDGED_SEARCHES"):
        judged.record(answers)

    assert answers == judged.recorded()


@on_sqlite
def test_searches_on_sqlite__find_what_postgres_finds() -> None:
    wanted, found = judged.recorded(), judged.answers()

    recalls = {text: _recall(found[text].first, wanted[text].first) for text in wanted}
    kinds = {kind: mean(recalls[text] for text in texts) for kind, texts in judged.SEARCHES.items()}
    assert len(recalls) >= 40
    assert mean(recalls.values()) >= RECALL, recalls
    assert min(kinds.values()) >= RECALL_OF_A_KIND, kinds
    # Beyond the first ones, too, there is not one more and not one less.
    assert {text: answer.found for text, answer in found.items()} == {
        text: answer.found for text, answer in wanted.items()
    }


def test_searches__to_be_judged__are_different_and_all_find_something() -> None:
    texts = [text for texts in judged.SEARCHES.values() for text in texts]

    assert len(set(texts)) == len(texts)
    assert set(judged.recorded()) == set(texts)
    assert all(answer.first for answer in judged.recorded().values())


def _recall(found: list[str], wanted: list[str]) -> float:
    """Which part of what is wanted was found, however it is ordered."""
    return len(set(found) & set(wanted)) / len(wanted)
