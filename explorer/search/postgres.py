"""Search on PostgreSQL: a generated `tsvector` column with a GIN index, and similar words by trigrams (GiST)."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

from django.db import connection
from django.db.models import BooleanField, IntegerField, QuerySet
from django.db.models.expressions import RawSQL

from explorer.search.words import SPELT_OUT

CANDIDATES = 40  # similar words that are looked at
_QUERY = "to_tsquery('english', %s)"
_MATCHES = f'"explorer_listing"."search" @@ {_QUERY}'
# Weights of D, C, B and A; 1: long texts count a little less.
_SCORE = f'(ts_rank(\'{{0.08, 0.25, 0.6, 1.0}}\', "explorer_listing"."search", {_QUERY}, 1) * 1000000)::integer'
_SIMILAR = "(SELECT %s::text, word FROM explorer_term ORDER BY word <-> %s LIMIT {})"


def expression_of(terms: Sequence[Sequence[str]]) -> str:
    """Of each term one word."""
    return " & ".join("(" + " | ".join(f"'{word}'" for word in term) + ")" for term in terms)


def found_by(listings: QuerySet[Any], expression: Any) -> QuerySet[Any]:
    """Listings that an expression finds, with their `score`."""
    found = listings.filter(RawSQL(_MATCHES, [expression], BooleanField()))  # noqa: S611  values are parameters
    ranked: QuerySet[Any] = found.annotate(score=RawSQL(_SCORE, [expression], IntegerField()))  # noqa: S611
    return ranked


def similar(words: Sequence[str]) -> dict[str, list[str]]:
    """For each word those that share the most trigrams with it."""
    found: dict[str, list[str]] = {}
    statement = " UNION ALL ".join([_SIMILAR.format(CANDIDATES)] * len(words))
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for word in words for value in (word, word)])
        for word, candidate in cursor.fetchall():
            found.setdefault(word, []).append(candidate)
    return found


def kept(words: Iterable[str]) -> set[str]:
    """Those that are known; until the transaction ends nobody can delete them, and others may keep them as well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT word FROM explorer_term WHERE word = ANY(%s) FOR KEY SHARE", [list(words)])
        return {word for (word,) in cursor.fetchall()}


def tidy() -> None:
    """Nothing to do: what was deleted goes with `VACUUM`."""


def installation() -> Iterator[str]:
    """The statements that make listings searchable; safe to run again."""
    vectors = " || ".join(
        f"setweight(to_tsvector('pg_catalog.english', {_normal(text)}), '{weight}')"
        for text, weight in (
            ("title", "A"), ("tag_words", "B"), ("organization || ' ' || location", "C"), ("description", "D"),
        )
    )  # fmt: skip
    yield "CREATE EXTENSION IF NOT EXISTS pg_trgm"
    yield _made_as(f"search tsvector GENERATED ALWAYS AS ({vectors}) STORED")
    yield "CREATE INDEX IF NOT EXISTS explorer_listing_search ON explorer_listing USING gin (search)"
    yield "CREATE INDEX IF NOT EXISTS explorer_term_similar ON explorer_term USING gist (word gist_trgm_ops)"


def _made_as(column: str) -> str:
    """Make the column, and anew where it was made in another way. That rewrites the table, under a lock."""
    digest = sha256(column.encode()).hexdigest()
    return f"""
      DO $do$ BEGIN
        IF NOT EXISTS (
          SELECT FROM pg_attribute WHERE attrelid = 'explorer_listing'::regclass AND attname = 'search'
          AND NOT attisdropped AND col_description(attrelid, attnum) = '{digest}'
        ) THEN
          ALTER TABLE explorer_listing DROP COLUMN IF EXISTS search, ADD COLUMN {column};
          COMMENT ON COLUMN explorer_listing.search IS '{digest}';
        END IF;
      END $do$"""


def _normal(text: str) -> str:
    """A text as `words.py` cuts it: in lower case, without accents, only letters and digits."""
    normal = f"lower({text})"
    for written, spelt in SPELT_OUT:
        normal = f"replace({normal}, '{written}', '{spelt}')"
    bare = f"regexp_replace(normalize({normal}, NFKD), '[\\u0300-\\u036f]', '', 'g')"
    return f"regexp_replace({bare}, '[^[:alnum:]]+', ' ', 'g')"
