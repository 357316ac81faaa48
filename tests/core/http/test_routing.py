"""Finding routes: fixed ones once, the others by what leads to them."""

from collections.abc import Iterator

import pytest
from django.urls import Resolver404, clear_url_caches, resolve

from core.db.ids import uuid7
from core.http.routing import remember_routes


@pytest.fixture(autouse=True)
def remembering() -> Iterator[None]:
    """Other tests may have made Django forget its resolvers, and ours with them."""
    clear_url_caches()
    remember_routes()
    yield
    clear_url_caches()


def test_resolve__fixed_route__found_once() -> None:
    assert resolve("/v1/calendar/events") is resolve("/v1/calendar/events")
    assert resolve("/api/calendar/events").route == "api/calendar/events"


def test_resolve__route_with_parameters__each_with_its_own() -> None:
    first, second = (resolve(f"/v1/calendar/events/{uuid7()}") for _ in range(2))

    assert first.kwargs != second.kwargs


@pytest.mark.parametrize(
    "address",
    [
        "/v1/calendar/events/{}",
        "/api/calendar/events/{}:20261202T090000Z/complete",
        "/v1/mentors/{}/sessions/{}",
        "/mobile/v2/mentors/{}/sessions",
        "/v1/webhooks/{}",
    ],
)
def test_resolve__by_ids__as_django_does(address: str) -> None:
    def addressed() -> str:
        return address.format(*(uuid7() for _ in range(address.count("{}"))))

    resolve(addressed())
    path = addressed()
    remembered = resolve(path)
    clear_url_caches()
    plain = resolve(path)

    assert remembered.func is plain.func
    assert (remembered.kwargs, remembered.args, remembered.route) == (plain.kwargs, plain.args, plain.route)
    assert remembered.url_name == plain.url_name


def test_resolve__by_ids__nothing_behind_them() -> None:
    for _ in range(2):
        with pytest.raises(Resolver404):
            resolve(f"/v1/calendar/events/{uuid7()}/nowhere")


def test_resolve__nothing_there__not_found_again_and_again() -> None:
    for _ in range(2):
        with pytest.raises(Resolver404):
            resolve("/v1/nowhere")
