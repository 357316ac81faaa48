"""Search on SQLite: an FTS5 table that triggers keep, stemmed by `porter`, and similar words by `trigram`.

An FTS5 row is found by its number only, and a listing's own row has none that would survive a `VACUUM`: so
`explorer_search_row` gives it one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import IntegerField, QuerySet
from django.db.models.expressions import RawSQL

from explorer.models import Term
from explorer.search.words import SPELT_OUT

CANDIDATES = 150  # similar words that are looked at
_SCORE = "CAST(-bm25(explorer_search, 10.0, 6.0, 2.5, 0.8) * 100000 AS INTEGER)"
_JOINED = [
    "explorer_search MATCH %s",
    "explorer_search.rowid = explorer_search_row.number",
    'explorer_search_row.listing_id = "explorer_listing"."id"',
]
_SIMILAR = "SELECT word FROM explorer_term_search WHERE explorer_term_search MATCH %s ORDER BY rank LIMIT %s"


def expression_of(terms: Sequence[Sequence[str]]) -> str:
    """Of each term one word."""
    return " AND ".join("(" + " OR ".join(f'"{word}"' for word in term) + ")" for term in terms)


def found_by(listings: QuerySet[Any], expression: Any) -> QuerySet[Any]:
    """Listings that an expression finds, with their `score`."""
    found = listings.extra(tables=["explorer_search", "explorer_search_row"], where=_JOINED, params=[expression])  # noqa: S610
    ranked: QuerySet[Any] = found.annotate(score=RawSQL(_SCORE, [], IntegerField()))  # noqa: S611  a constant
    return ranked


def similar(words: Sequence[str]) -> dict[str, list[str]]:
    """For each word those that share the most trigrams with it."""
    found = {}
    with connection.cursor() as cursor:
        for word in words:
            padded = f" {word} "
            trigrams = {padded[place : place + 3] for place in range(len(padded) - 2)}
            cursor.execute(_SIMILAR, [" OR ".join(f'"{trigram}"' for trigram in sorted(trigrams)), CANDIDATES])
            found[word] = [candidate.strip() for (candidate,) in cursor.fetchall()]
    return found


def kept(words: Iterable[str]) -> set[str]:
    """Those that are known; nobody else writes before the transaction ends that asks."""
    return set(Term.objects.filter(word__in=words).values_list("word", flat=True))


def tidy() -> None:
    """Rewrite the indexes without what was deleted, which they otherwise keep until they happen to be merged."""
    with connection.cursor() as cursor:
        for table in ("explorer_search", "explorer_term_search"):
            cursor.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")  # noqa: S608  constants


def installation() -> Iterator[str]:
    """The statements that make listings searchable; safe to run again."""
    yield """CREATE VIRTUAL TABLE IF NOT EXISTS explorer_search USING
      fts5(title, tags, place, description, tokenize='porter unicode61 remove_diacritics 2')"""
    yield """CREATE TABLE IF NOT EXISTS explorer_search_row
      (number INTEGER PRIMARY KEY, listing_id CHAR(32) NOT NULL UNIQUE)"""
    yield "CREATE VIRTUAL TABLE IF NOT EXISTS explorer_term_search USING fts5(word, tokenize='trigram')"
    yield from _trigger("listing_insert", "INSERT ON explorer_listing", _write("NEW"))
    changed = "UPDATE OF title, tag_words, organization, location, description ON explorer_listing"
    yield from _trigger("listing_update", changed, _forget("OLD") + _write("NEW"))
    yield from _trigger("listing_delete", "DELETE ON explorer_listing", _forget("OLD"))
    yield from _trigger(
        "term_insert",
        "INSERT ON explorer_term",
        "INSERT INTO explorer_term_search (word) VALUES (' ' || NEW.word || ' ');",
    )
    yield from _trigger(
        "term_delete",
        "DELETE ON explorer_term",
        "DELETE FROM explorer_term_search WHERE word = ' ' || OLD.word || ' ';",
    )


def _trigger(name: str, of: str, body: str) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS explorer_search_{name}"
    yield f"CREATE TRIGGER explorer_search_{name} AFTER {of} FOR EACH ROW BEGIN {body} END"


def _write(side: str) -> str:
    columns = [f"{side}.title", f"{side}.tag_words", f"{side}.organization || ' ' || {side}.location"]
    texts = ", ".join(_spelt_out(text) for text in [*columns, f"{side}.description"])
    return f"""
      INSERT INTO explorer_search_row (listing_id) VALUES ({side}.id);
      INSERT INTO explorer_search (rowid, title, tags, place, description)
        SELECT number, {texts} FROM explorer_search_row WHERE listing_id = {side}.id;"""  # noqa: S608


def _forget(side: str) -> str:
    return f"""
      DELETE FROM explorer_search WHERE rowid =
        (SELECT number FROM explorer_search_row WHERE listing_id = {side}.id);
      DELETE FROM explorer_search_row WHERE listing_id = {side}.id;"""  # noqa: S608


def _spelt_out(text: str) -> str:
    """SQLite's `lower` knows no letters but those of ASCII; the index does the others, and takes off their marks."""
    spelt_out = f"lower({text})"
    for written, spelt in SPELT_OUT:
        for case in {written, written.upper()} if len(written) == len(written.upper()) else {written}:
            spelt_out = f"replace({spelt_out}, '{case}', '{spelt}')"
    return spelt_out
