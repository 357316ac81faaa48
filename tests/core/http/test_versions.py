from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core.http.versions import CURRENT_TRAIN, SERVED_TRAINS, train_of
from tests.core.http.wiring import Caller, people

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.http.people")]
OBJECT = {"amount": "3.50", "currency": "USD"}


@pytest.mark.parametrize(
    ("version", "train"),
    [("", CURRENT_TRAIN), ("2024.09.0", "2024.09"), ("2024.09.17", "2024.09"), ("2024.08", "2024.08"),
     ("2024.06.1", "2024.06"), ("2024.12.0", CURRENT_TRAIN), ("2031.01.0", CURRENT_TRAIN)],
)  # fmt: skip
def test_train__declared_version__the_one_that_answers(version: str, train: str) -> None:
    assert train_of(version) == train


@pytest.mark.parametrize("version", ["2024.05.9", "2024.01", "2023.12.0", "2000.01"])
def test_request__train_no_longer_served__upgrade_required_with_store_links(version: str) -> None:
    response = Client().get("/v1/people", headers={"X-App-Version": version})
    body = response.json()

    assert (response.status_code, body["code"], body["minimum"]) == (426, "upgrade_required", "2024.06.0")
    assert set(body["store_links"]) == {"android", "ios"}


@pytest.mark.parametrize(
    "version", ["1.0.0", "2024", "2024.13.0", "2024.00", "2024.09.0.1", "v2024.09", "2024.09.-1", "9" * 500, "x", " "]
)
def test_request__version_that_is_no_train__bad_request(version: str) -> None:
    response = Caller().get("/v1/people", X_App_Version=version)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_app_version")


@pytest.mark.parametrize("route", ["list", "detail", "change"])
@pytest.mark.parametrize("train", SERVED_TRAINS)
def test_resource__each_train__the_shape_it_knows(train: str, route: str) -> None:
    (ada,) = people("Ada")
    shown = _shown(route, str(ada.id), f"{train}.0")
    newest: Any = {"full_name": "Ada", "balance": OBJECT}
    expected = {
        "2024.09": newest,
        "2024.08": {**newest, "name": "Ada"},
        "2024.07": {"full_name": "Ada", "name": "Ada", "balance": "3.50", "currency": "USD"},
        "2024.06": {"full_name": "Ada", "name": "Ada", "balance": "3.50", "currency": "USD"},
    }

    assert {name: shown[name] for name in ("full_name", "name", "balance", "currency") if name in shown} == expected[
        train
    ]


def _shown(route: str, person_id: str, version: str) -> Any:
    caller, path = Caller(), f"/v1/people/{person_id}"
    if route == "list":
        body = caller.get("/v1/people", X_App_Version=version).json()
        return body["results" if "results" in body else "data"][0]
    if route == "detail":
        return caller.get(path, X_App_Version=version).json()
    return caller.send("PATCH", path, {"full_name": "Ada"}, X_App_Version=version).json()


def test_list__oldest_train__counted_with_whole_addresses() -> None:
    people("Ada", "Bea", "Cat")
    caller = Caller()
    first = caller.get("/v1/people?limit=2", X_App_Version="2024.06.0").json()
    second = caller.get(first["next"].removeprefix("http://testserver"), X_App_Version="2024.06.0").json()

    assert first["next"].startswith("http://testserver/v1/people?limit=2&cursor=")
    assert (set(first), first["count"], first["previous"]) == ({"count", "next", "previous", "results"}, 3, None)
    assert [person["name"] for person in second["results"]] == ["Cat"]
    assert (second["count"], second["next"]) == (3, None)
    assert second["previous"].startswith("http://testserver/v1/people?")


@pytest.mark.parametrize(
    ("path", "train", "expected"),
    [
        ("/v1/people?fields=id,name", "2024.08.0", {"id", "name"}),
        ("/v1/people?fields=name,full_name", "2024.07.0", {"name", "full_name"}),
        ("/v1/people?fields=currency", "2024.07.0", {"currency"}),
        ("/api/people?fields=balance,isActive", "2024.07.0", {"balance", "isActive"}),
    ],
)
def test_fields__named_as_an_older_train_knows_them__kept_alone(path: str, train: str, expected: set[str]) -> None:
    people("Ada")

    assert set(Caller().get(path, X_App_Version=train).json()["data"][0]) == expected


def test_fields__old_name_on_the_current_train__unknown() -> None:
    assert Caller().get("/v1/people?fields=name").status_code == 422


@pytest.mark.parametrize("version", ["2024.09.0", "2024.06.0"])
@pytest.mark.parametrize(
    ("body", "name"),
    [({"name": "Old"}, "Old"), ({"name": "Old", "full_name": "New"}, "New"), ({"full_name": "New"}, "New")],
)
def test_change__field_that_a_served_train_knew__accepted(body: Any, name: str, version: str) -> None:
    (ada,) = people("Ada")
    response = Caller().send("PATCH", f"/v1/people/{ada.id}", body, X_App_Version=version)

    assert (response.status_code, User.objects.get().full_name) == (200, name)


def test_change__field_that_no_train_knew__still_refused() -> None:
    (ada,) = people("Ada")
    response = Caller().send("PATCH", f"/v1/people/{ada.id}", {"nickname": "A"}, X_App_Version="2024.06.0")

    assert response.status_code == 422
    assert response.json()["errors"][0] == {
        "pointer": "/nickname", "code": "unknown_field", "message": "There is no such field.",
    }  # fmt: skip


def test_deprecated_route__every_answer__says_when_it_ends() -> None:
    people("Ada", "Bea")
    response = Caller().get("/v1/old-people?limit=1")

    assert response["Deprecation"] == "@1767225600"
    assert response["Sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert response["Link"].endswith(
        'rel="next", <https://docs.gigvora.com/people>; rel="deprecation"; type="text/html"'
    )
    assert Caller().get("/v1/old-people?limit=0")["Deprecation"] == "@1767225600"
    assert "Deprecation" not in Caller().get("/v1/people")
