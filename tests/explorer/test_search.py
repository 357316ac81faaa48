"""Finding listings by words, on either database."""

from typing import Any

import pytest
from django.db import connection

from access.types import Principal
from core.testing.queries import counted_queries
from explorer import search, selectors, services, triggers
from explorer.errors import UnsearchableText
from explorer.models import Listing, Term
from explorer.search.spelling import distance, nearest
from explorer.search.words import vocabulary_of, words_of
from tests.explorer.conftest import DJANGO, PYTHON, MakeListing


def found(text: str) -> list[str]:
    listings = search.matching(Listing.objects.open(), text).order_by("-score", "-id")
    return [listing.title for listing in listings]


@pytest.mark.parametrize(
    "text",
    [
        "electrical engineer",
        "Engineers, ELECTRICAL!",  # stemmed, in any order and case
        "electrcal enginer",  # mistyped
        "electrical engi",  # not finished
        "engineering",
        "turbines",  # in the description
        "malmo",  # the place, without its accent
        "the engineer of turbines",  # words that say nothing
        "cplusplus",
        "C++",
    ],
)
def test_search__what_means_a_listing__finds_it(make_listing: MakeListing, text: str) -> None:
    make_listing(
        title="Electrical engineer",
        description="Keep wind turbines running; write C++.",
        location="Malmö",
        expertise_tags=[],
    )
    make_listing(title="Baker", description="Bread, of course.", expertise_tags=[])

    assert found(text) == ["Electrical engineer"]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Łódź", "lodz"), ("ŁÓDŹ", "Łódź"), ("Gdańsk", "GDANSK"), ("Tromsø", "tromso"), ("TROMSØ", "tromsø"),
        ("Hauptstraße", "hauptstrasse"), ("Þórshöfn", "thorshofn"), ("Diyarbak\u0131r", "diyarbakir"), ("Huế", "hue"),
        ("Malmo\u0308", "malmö"), ("Čačak", "cacak"), ("Œuvre", "oeuvre"), ("Đakovo", "dakovo"),
    ],
)  # fmt: skip
def test_search__letters_with_marks_and_of_other_alphabets__are_as_good_as_those_without(
    make_listing: MakeListing, written: str, text: str
) -> None:
    make_listing(title="Baker", location=written, expertise_tags=[])

    assert found(text) == ["Baker"]
    assert found(written) == ["Baker"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite makes its triggers anew every time")
def test_installation__column_made_in_another_way__makes_it_anew_once(make_listing: MakeListing) -> None:
    def place() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT attnum FROM pg_attribute WHERE attrelid = 'explorer_listing'::regclass AND attname = 'search'"
            )
            return int(cursor.fetchone()[0])

    make_listing(title="Baker in Łódź", expertise_tags=[])
    before = place()
    triggers.install()
    assert place() == before

    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON COLUMN explorer_listing.search IS 'as it was'")
    triggers.install()

    after = place()
    triggers.install()
    assert (after > before, place()) == (True, after)
    assert found("lodz") == ["Baker in Łódź"]


def test_search__of_several_words__finds_what_contains_all(make_listing: MakeListing) -> None:
    make_listing(title="Python developer", expertise_tags=[])
    make_listing(title="Python trainer", expertise_tags=[])

    assert found("python trainer") == ["Python trainer"]
    assert found("python baker") == []


def test_search__title_tag_description__rank_in_this_order(make_listing: MakeListing) -> None:
    make_listing(title="Teacher", description="Somebody who likes django.", expertise_tags=[])
    make_listing(title="Programmer", expertise_tags=[DJANGO])
    make_listing(title="Django lead", expertise_tags=[])

    assert found("django") == ["Django lead", "Programmer", "Teacher"]


def test_search__listing_changed_or_deleted__is_found_as_it_is_now(make_listing: MakeListing, owner: Principal) -> None:
    listing = make_listing(title="Baker", status="draft", expertise_tags=[])
    services.publish_listing(actor=owner, listing_id=listing.id)
    services.update_listing(actor=owner, listing_id=listing.id, title="Florist", expertise_tags=[PYTHON])

    assert (found("baker"), found("florist"), found("python")) == ([], ["Florist"], ["Florist"])

    Listing.objects.filter(id=listing.id).delete()

    assert found("florist") == []


@pytest.mark.parametrize("text", ["%%%%", "' & | ! ( )", "the of and", "*", "<->", '"'])
def test_search__without_a_word__is_refused(db: None, text: str) -> None:
    with pytest.raises(UnsearchableText):
        found(text)


@pytest.mark.parametrize("text", ["baker' | '", "baker & !", 'baker" OR "', "baker:*", "baker <-> x1", "NEAR(baker)"])
def test_search__with_operators__takes_them_for_nothing(make_listing: MakeListing, text: str) -> None:
    make_listing(title="Florist", expertise_tags=[])

    assert found(text) == []


def test_known_words__are_not_taken_for_mistakes(make_listing: MakeListing) -> None:
    make_listing(title="Barber", expertise_tags=[])
    make_listing(title="Baker", expertise_tags=[])

    assert search.meant(["baker"]) == [["baker"]]
    assert search.meant(["bakr"]) == [["bakr", "baker"]]
    assert set(Term.objects.values_list("word", flat=True)) == {"barber", "baker"}


def test_meant__asked_again__is_remembered_until_a_word_is_learnt(
    make_listing: MakeListing, django_capture_on_commit_callbacks: Any
) -> None:
    make_listing(title="Baker", expertise_tags=[])
    assert search.meant(["barbr"]) == [["barbr"]]
    with counted_queries() as counted:
        assert search.meant(["barbr"]) == [["barbr"]]
    assert len(counted) == 0, counted

    with django_capture_on_commit_callbacks(execute=True):
        make_listing(title="Barber", expertise_tags=[])

    assert search.meant(["barbr"]) == [["barbr", "barber"]]


def test_words__any_text__are_lower_bare_and_once() -> None:
    assert words_of("Café, the CAFÉ in C# and node.js 3D") == ["cafe", "csharp", "node", "js", "3d"]
    assert vocabulary_of("Café in 3D", "the go") == {"cafe"}


@pytest.mark.parametrize(
    ("one", "other", "mistakes"),
    [("baker", "baker", 0), ("bakr", "baker", 1), ("abker", "baker", 1), ("bkaer", "baker", 1), ("", "abc", 3)],
)
def test_distance__of_two_words__counts_mistakes(one: str, other: str, mistakes: int) -> None:
    assert distance(one, other) == distance(other, one) == mistakes


def test_nearest__several__are_the_nearest_alone() -> None:
    assert nearest("pyhton", ["python", "pylon", "typhoon"]) == ["python"]
    assert nearest("art", ["arts"]) == []


def test_facets__of_what_was_found__count_it(make_listing: MakeListing) -> None:
    make_listing(expertise_tags=[PYTHON, DJANGO], is_remote=True, employment_type="contract")
    make_listing(category="gig")

    facets = selectors.facets_of(Listing.objects.open())

    assert (facets.total, facets.is_capped) == (2, False)
    assert facets.category == {"gig": 1, "job": 1}
    assert facets.employment_type == {"contract": 1}
    assert facets.is_remote == {"false": 1, "true": 1}
    assert facets.expertise_tags == [
        {"slug": "python", "label": "Python", "count": 2},
        {"slug": "django", "label": "Django", "count": 1},
    ]


def test_forget_unused__word_of_no_listing_any_more__goes_and_all_others_stay(make_listing: MakeListing) -> None:
    gone, stays = make_listing(title="Zyxomma sketches"), make_listing(title="Sketches of boats")
    gone.delete()

    assert search.forget_unused() >= 1

    words = set(Term.objects.values_list("word", flat=True))
    assert not any(word.startswith("zyxom") for word in words)
    assert {"sketches", "boats"} <= words
    assert search.meant(["zyxomm"]) == [["zyxomm"]]
    assert list(search.matching(Listing.objects.all(), "sketchs").values_list("id", flat=True)) == [stays.id]


def test_forget_unused__listing_written_meanwhile__keeps_its_words(
    make_listing: MakeListing, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = make_listing(title="Zyxomma sketches")
    monkeypatch.setattr(search, "vocabulary_of", lambda *_: set())  # as if none had been there when they were read
    real = vocabulary_of
    learn = search.learn
    monkeypatch.setattr(
        search, "learn", lambda listings: (monkeypatch.setattr(search, "vocabulary_of", real), learn(listings))
    )

    search.forget_unused()

    assert "zyxomma" in set(Term.objects.values_list("word", flat=True))
    assert Listing.objects.get() == listing
