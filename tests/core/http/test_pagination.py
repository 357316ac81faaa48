from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import override_settings

from core.http.cursors import InvalidCursor, Position, seal, unseal
from core.http.pagination import PageRequest
from tests.core.http.wiring import Caller, people

NAMES = ["Ada", "Bea", "Cat", "Dan", "Eva", "Fay", "Gus"]


def _names(body: dict[str, Any]) -> list[str]:
    return [person["full_name"] for person in body["data"]]


@pytest.mark.django_db
@pytest.mark.urls("tests.core.http.people")
@pytest.mark.parametrize("ordering", ["full_name", "-full_name", "created_at", "-created_at"])
def test_pages__walked_to_the_end_and_back__every_row_once_in_order(ordering: str) -> None:
    people(*NAMES)
    caller, forward, backward = Caller(), [], []
    body = caller.get(f"/v1/people?limit=2&ordering={ordering}").json()
    forward.append(_names(body))
    while "next" in body["_links"]:
        body = caller.get(body["_links"]["next"]["href"]).json()
        forward.append(_names(body))
    while "previous" in body["_links"]:
        body = caller.get(body["_links"]["previous"]["href"]).json()
        backward.append(_names(body))

    expected = NAMES[::-1] if ordering.startswith("-") else NAMES
    assert forward == [expected[0:2], expected[2:4], expected[4:6], expected[6:7]]
    assert backward == [expected[4:6], expected[2:4], expected[0:2]]


@pytest.mark.django_db
@pytest.mark.urls("tests.core.http.people")
def test_pages__equal_sort_keys__the_id_breaks_the_tie() -> None:
    twins = people("Same 1", "Same 2", "Same 3")
    for twin in twins:
        twin.full_name = "Same"
        twin.save()
    first = Caller()
    body = first.get("/v1/people?limit=2").json()
    rest = first.get(body["_links"]["next"]["href"]).json()

    assert [person["id"] for person in body["data"] + rest["data"]] == [str(twin.id) for twin in twins]


@pytest.mark.django_db
@pytest.mark.urls("tests.core.http.people")
def test_pages__rows_written_in_between__neither_repeated_nor_skipped() -> None:
    people("Bea", "Cat", "Dan", "Eva")
    caller = Caller()
    first = caller.get("/v1/people?limit=2").json()
    people("Ada")
    second = caller.get(first["_links"]["next"]["href"]).json()

    assert _names(second) == ["Dan", "Eva"]


@pytest.mark.django_db
@pytest.mark.urls("tests.core.http.people")
def test_page__last_rows_deleted_meanwhile__empty_with_a_way_back() -> None:
    ada, bea = people("Ada", "Bea")
    caller = Caller()
    first = caller.get("/v1/people?limit=1").json()
    bea.delete()
    empty = caller.get(first["_links"]["next"]["href"]).json()

    assert (empty["data"], empty["page"]["next"]) == ([], None)
    assert ada.full_name == "Ada"
    assert "previous" in empty["_links"]


@pytest.mark.django_db
@pytest.mark.urls("tests.core.http.people")
def test_page__camel_surface__hrefs_stay_on_it_and_ordering_speaks_its_case() -> None:
    people("Ada", "Bea")
    caller = Caller()
    response = caller.get("/api/people?limit=1&ordering=-fullName")
    body = response.json()

    assert body["data"][0]["fullName"] == "Bea"
    assert body["data"][0]["_links"]["logOut"]["href"].startswith("/api/people/")
    assert body["_links"]["next"]["href"].startswith("/api/people?")
    assert caller.get(body["_links"]["next"]["href"]).json()["data"][0]["fullName"] == "Ada"
    assert response["Link"].startswith("</api/people?")


@pytest.mark.django_db
@pytest.mark.urls("tests.core.http.people")
@pytest.mark.parametrize("limit", ["0", "-1", "101", "1000000000", "abc", "1.5", "", "1e1", "٣", "%00"])
def test_limit__outside_of_its_range__refused_naming_the_range(limit: str) -> None:
    response = Caller().get(f"/v1/people?limit={limit}")

    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"pointer": "/limit", "code": "out_of_range", "message": "Choose a number from 1 to 100."}
    ]


@pytest.mark.django_db
@pytest.mark.urls("tests.core.http.people")
@pytest.mark.parametrize("limit", ["1", "100"])
def test_limit__at_an_end_of_its_range__taken(limit: str) -> None:
    assert Caller().get(f"/v1/people?limit={limit}").json()["page"]["limit"] == int(limit)


def _tampered(cursor: str) -> list[str]:
    flipped = "B" if cursor[8] != "B" else "C"
    made_up = ["", "x", "c1", "c1..", "c1.W10.", "\x00", "é", "c1.é.é", "A" * 100_000]
    altered = [cursor[:-1], cursor + "A", cursor[:8] + flipped + cursor[9:], "c2" + cursor[2:], cursor * 100]
    return made_up + altered


@pytest.mark.django_db
@pytest.mark.urls("tests.core.http.people")
def test_cursor__tampered_or_foreign__invalid_cursor() -> None:
    people(*NAMES)
    caller = Caller()
    cursor = caller.get("/v1/people?limit=2&is_active=true").json()["page"]["next"]
    foreign = [
        (Caller(), f"/v1/people?is_active=true&cursor={cursor}"),
        (caller, f"/v1/people?cursor={cursor}"),
        (caller, f"/v1/people?is_active=false&cursor={cursor}"),
        (caller, f"/v1/people?is_active=true&ordering=-full_name&cursor={cursor}"),
        (caller, f"/v1/old-people?cursor={cursor}"),
        (caller, f"/api/people?isActive=true&cursor={cursor}"),
    ]
    answers = [who.get(path) for who, path in foreign]
    answers += [
        caller.get("/v1/people?" + urlencode({"is_active": "true", "cursor": bad})) for bad in _tampered(cursor)
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "invalid_cursor")}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert caller.get(f"/v1/people?limit=5&is_active=true&fields=id&cursor={cursor}").status_code == 200


def test_cursor__another_secret__invalid() -> None:
    cursor = seal(Position((1,)), "mine")
    with override_settings(SECRET_KEY="another"), pytest.raises(InvalidCursor):
        unseal(cursor, "mine")


@pytest.mark.parametrize("position", [None, Position((3,)), Position((3,), backward=True)])
def test_of_sorted__any_position__as_the_rows_lie(position: Position | None) -> None:
    asked = PageRequest(("at",), 2, position, "mine")
    page = asked.of_sorted([(number,) for number in range(6)], lambda row: (row[0],))
    expected: Any = {None: [(0,), (1,)], False: [(4,), (5,)], True: [(1,), (2,)]}

    assert page.rows == expected[position and position.backward]


@pytest.mark.django_db
@pytest.mark.urls("tests.core.http.people")
@pytest.mark.parametrize(
    ("path", "pointer", "code"),
    [
        ("/v1/people?sort=password", "/sort", "unknown_parameter"),
        ("/v1/people?user__password__startswith=a", "/user__password__startswith", "unknown_parameter"),
        ("/v1/people?email=a", "/email", "unknown_parameter"),
        ("/v1/people?ordering=password", "/ordering", "unknown_field"),
        ("/v1/people?ordering=full_name__x", "/ordering", "unknown_field"),
        ("/v1/people?ordering=--full_name", "/ordering", "unknown_field"),
        ("/v1/people?fields=*", "/fields", "unknown_field"),
        ("/v1/people?fields=id,password", "/fields", "unknown_field"),
        ("/v1/people?fields=", "/fields", "unknown_field"),
        ("/v1/people?expand=owner", "/expand", "unknown_field"),
        ("/api/people?is_active=true", "/isActive", "unknown_parameter"),
        ("/api/people?fields=full_name", "/fields", "unknown_field"),
        ("/v1/people?is_active=perhaps&limit=0", "/limit", "out_of_range"),
    ],
)
def test_list__name_not_on_an_allow_list__refused(path: str, pointer: str, code: str) -> None:
    response = Caller().get(path)

    assert response.status_code == 422
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [(pointer, code)]


@pytest.mark.django_db
@pytest.mark.urls("tests.core.http.people")
def test_filters__on_both_surfaces__speak_their_case() -> None:
    people("Ada Lovelace", "Grace Hopper")

    assert _names(Caller().get("/v1/people?name_contains=hopper").json()) == ["Grace Hopper"]
    assert Caller().get("/api/people?nameContains=love").json()["data"][0]["fullName"] == "Ada Lovelace"


@pytest.mark.django_db
@pytest.mark.urls("tests.core.http.people")
def test_list__one_row_or_fifty__same_number_of_queries(django_assert_num_queries: Any) -> None:
    people(*(f"Person {number}" for number in range(50)))
    caller = Caller()
    caller.get("/v1/people?limit=1")
    for limit in (1, 50):
        with django_assert_num_queries(1):
            caller.get(f"/v1/people?limit={limit}")
