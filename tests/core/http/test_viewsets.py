"""A collection as clients see it: lists, details, changes, on both surfaces."""

import gc
from weakref import ref

import pytest
from django.http.response import HttpResponseBase

from core.http.requests import ApiRequest
from core.http.views import ApiView
from tests.core.http.people import PersonFilterSet
from tests.core.http.wiring import Caller, people

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.http.people")]


def test_list__snake_surface__envelope_links_and_computed_fields() -> None:
    ada, _, _ = people("Ada Lovelace", "Grace Hopper", "Mary Shaw")

    response = Caller().get("/v1/people?limit=1")

    body = response.json()
    cursor = body["page"]["next"]
    assert response.status_code == 200
    assert body == {
        "data": [
            {
                "id": str(ada.id),
                "email": "ada.lovelace@example.com",
                "full_name": "Ada Lovelace",
                "is_active": True,
                "email_verified_at": None,
                "created_at": ada.created_at.isoformat().replace("+00:00", "Z"),
                "version": 1,
                "monogram": "AL@UTC",
                "balance": {"amount": "12.50", "currency": "USD"},
                "_links": {
                    "self": {"href": f"/v1/people/{ada.id}", "method": "GET"},
                    "rename": {"href": f"/v1/people/{ada.id}", "method": "PATCH"},
                    "log_out": {"href": f"/v1/people/{ada.id}/log-out", "method": "POST"},
                },
            }
        ],
        "page": {"next": cursor, "previous": None, "limit": 1},
        "_links": {
            "self": {"href": "/v1/people?limit=1", "method": "GET"},
            "next": {"href": f"/v1/people?limit=1&cursor={cursor}", "method": "GET"},
        },
    }
    assert response["Link"] == f'</v1/people?limit=1&cursor={cursor}>; rel="next"'


def test_list__no_filter_asked__no_form_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    people("Ada Lovelace")
    monkeypatch.setattr(PersonFilterSet, "get_form_class", None)

    assert len(Caller().get("/v1/people?limit=5&ordering=full_name").json()["data"]) == 1


@pytest.mark.parametrize("address", ["/v1/people?name_contains=hop", "/api/people?nameContains=hop"])
def test_list__filter_asked__in_the_case_of_the_surface__applies(address: str) -> None:
    _, grace = people("Ada Lovelace", "Grace Hopper")

    assert [person["id"] for person in Caller().get(address).json()["data"]] == [str(grace.id)]


def test_any_answer__its_length_is_told__where_it_may_have_a_body() -> None:
    people("Ada")
    caller = Caller()
    shown, refused = caller.get("/v1/people"), caller.get("/v1/people?nothing=1")
    unchanged = caller.get("/v1/people", If_None_Match=shown["ETag"])

    assert [int(answer["Content-Length"]) for answer in (shown, refused)] == [len(shown.content), len(refused.content)]
    assert (unchanged.status_code, "Content-Length" in unchanged) == (304, False)


@pytest.mark.parametrize("address", ["/v1/people?limit=2", "/v1/people/{id}", "/v1/people?limit=no", "/v1/people/none"])
def test_any_answer__given__leaves_nothing_to_the_garbage_collector(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    [ada] = people("Ada Lovelace")
    alive: list[ref[object]] = []
    answer = ApiView._answer

    def noted(view: ApiView, request: ApiRequest) -> HttpResponseBase:
        alive.extend([ref(view), ref(request)])
        return answer(view, request)

    monkeypatch.setattr(ApiView, "_answer", noted)
    gc.collect()
    gc.disable()
    try:
        Caller().get(address.format(id=ada.id))
        assert [each() for each in alive] == [None] * len(alive)
    finally:
        gc.enable()
