from uuid import UUID

import pytest
from django.urls import reverse

from core.http.routers import IdConverter
from core.http.wire import Case, Wire, camel, case_of, root_of, snake


@pytest.mark.parametrize(
    ("path", "case", "root"),
    [
        ("/v1/calendar/events", Case.SNAKE, "/v1/"),
        ("/api/calendar/events", Case.CAMEL, "/api/"),
        ("/mobile/v2/launchpad", Case.CAMEL, "/mobile/v2/"),
        ("/mobile/v20/launchpad", Case.SNAKE, "/"),
        ("/apix", Case.SNAKE, "/"),
        ("/health", Case.SNAKE, "/"),
    ],
)
def test_surface__of_a_path__its_case_and_root(path: str, case: Case, root: str) -> None:
    assert (case_of(path), root_of(path)) == (case, root)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("starts_at", "startsAt"), ("id", "id"), ("_links", "_links"), ("is_all_day", "isAllDay"), ("mp4_url", "mp4Url")],
)
def test_name__on_a_camel_surface__there_and_back(name: str, shown: str) -> None:
    assert (camel(name), snake(shown)) == (shown, name)
    assert Wire(Case.CAMEL).name(name) == shown
    assert Wire(Case.SNAKE).name(name) == name


def test_predates__no_train_named__a_current_client() -> None:
    assert not Wire().predates("2024.09")
    assert Wire(train="2024.08").predates("2024.09")
    assert not Wire(train="2024.09").predates("2024.09")


@pytest.mark.urls("tests.core.http.people")
def test_router__collection__no_trailing_slash_and_typed_ids() -> None:
    person = UUID("01900000-0000-7000-8000-00000000000a")

    assert reverse("people-list") in {"/v1/people", "/api/people"}
    assert reverse("people-detail", args=[person]).endswith(f"/people/{person}")


def test_id__in_capitals__the_same_id() -> None:
    capitals = "01900000-0000-7000-8000-00000000000A"

    assert IdConverter().to_python(capitals) == UUID(capitals.lower())
