"""Finding listings by words, the same on both databases: stemmed, forgiving typing errors, best first.

A text becomes terms, all of which a listing must contain. A term is a word, or one of several: somebody who writes a
word that no listing contains may have meant another, or not have finished it (`meant`). The words that listings
contain are rows of `Term`. What differs between the databases is how they match, rank, and find similar words.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from types import ModuleType
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from core.stamps import Stamp
from explorer.errors import UnsearchableText
from explorer.models import Listing, Term
from explorer.search import postgres, sqlite
from explorer.search.spelling import nearest
from explorer.search.words import MAX_WORDS, vocabulary_of, words_of

VOCABULARY = Stamp("explorer:vocabulary")  # changes whenever there are new words
FINISHED_BY = 8  # words that one begun word may become
_TEXTS = ("title", "tag_words", "organization", "location", "description")
_LONGEST_WRITE = timedelta(minutes=1)  # of a transaction that writes a listing
MIN_BEGUN = 3  # letters of a word that may be begun


def matching(listings: QuerySet[Any], text: str) -> QuerySet[Any]:
    """The listings that contain all that `text` asks for, with an integer `score`: the greater, the better.

    Raises:
        UnsearchableText: there is no word in it, or too many.
    """
    return found_by(listings, expression=expression_of(text))


def expression_of(text: str) -> str:
    """What `text` asks for, as the database's own search wants it said.

    Raises:
        UnsearchableText: there is no word in it, or too many.
    """
    words = words_of(text)
    if not words:
        raise UnsearchableText
    if len(words) > MAX_WORDS:
        raise UnsearchableText(f"Search for at most {MAX_WORDS} words.")
    return str(_backend().expression_of(meant(words)))


def found_by(listings: QuerySet[Any], *, expression: Any) -> QuerySet[Any]:
    """`matching`, as a step of a composed query: the expression may be a placeholder."""
    found: QuerySet[Any] = _backend().found_by(listings, expression)
    return found


def meant(words: list[str]) -> list[list[str]]:
    """For each word, those of which one must occur. No query for what was asked since a word was learnt."""
    return _meant(tuple(words), VOCABULARY.current())


@lru_cache(maxsize=4096)
def _meant(words: tuple[str, ...], vocabulary: Any) -> list[list[str]]:
    """At most three queries, and one where every word is known. `vocabulary` was seen before they are asked."""
    known = set(Term.objects.filter(word__in=words).values_list("word", flat=True))
    unknown = [word for word in words if word not in known and word.isalpha()]
    similar = _backend().similar(unknown) if unknown else {}
    begun = _finished(words[-1]) if words[-1] in unknown else []
    return [
        list(dict.fromkeys([word, *(begun if word == words[-1] else ()), *nearest(word, similar.get(word, ()))]))
        for word in words
    ]


def learn(listings: Iterable[Listing]) -> None:
    """Remember the words of listings, so that others are taken for what was meant by these.

    Nobody forgets one of them before the transaction ends that writes the listings.
    """
    words: set[str] = set()
    for listing in listings:
        words |= vocabulary_of(*(getattr(listing, name) for name in _TEXTS))
    known: set[str] = _backend().kept(words)
    # In one order, so that two who learn the same words do not wait for each other in a circle.
    if new := [Term(word=word) for word in sorted(words - known)]:
        Term.objects.bulk_create(new, ignore_conflicts=True)
        VOCABULARY.change()


def forget_unused(*, batch: int = 1000) -> int:
    """Forget the words that no listing contains any more; returns how many. It reads every listing once.

    Of a listing that is written meanwhile the words may be taken for unused; they stay while it is being written, and
    are learnt again in the end.
    """
    begun = timezone.now() - _LONGEST_WRITE
    used: set[str] = set()
    for texts in Listing.objects.order_by().values_list(*_TEXTS).iterator(batch):
        used |= vocabulary_of(*texts)
    unused = [word for word in Term.objects.values_list("word", flat=True).iterator(batch) if word not in used]
    for start in range(0, len(unused), batch):
        with transaction.atomic():  # without those that somebody is just learning
            idle = Term.objects.filter(word__in=unused[start : start + batch]).select_for_update(skip_locked=True)
            Term.objects.filter(word__in=list(idle.values_list("word", flat=True))).delete()
    if unused:
        VOCABULARY.change()
        learn(Listing.objects.filter(updated_at__gte=begun).only(*_TEXTS).iterator(batch))
    _backend().tidy()
    return len(unused)


def _finished(begun: str) -> list[str]:
    if len(begun) < MIN_BEGUN:
        return []
    words = Term.objects.filter(word__startswith=begun).order_by(Length("word"), "word")
    return list(words.values_list("word", flat=True)[:FINISHED_BY])


def _backend() -> ModuleType:
    return postgres if connection.vendor == "postgresql" else sqlite
