import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from core.http.documents import openapi_document


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(openapi_document())


def _names(operation: Any) -> set[str]:
    return {parameter["name"] for parameter in operation["parameters"]}


def test_document__served__tagged_and_not_sent_twice() -> None:
    first = Client().get("/v1/openapi.json")
    again = Client().get("/v1/openapi.json", headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, first.json()["openapi"][:3]) == (200, "3.1")
    assert first["Cache-Control"] == "public, max-age=300"
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert Client().post("/v1/openapi.json").status_code == 405


def test_docs__opened__load_nothing_from_elsewhere() -> None:
    response = Client().get("/docs")
    assert response["X-Frame-Options"] == "DENY"
    page = response.content.decode()
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert "/v1/openapi.json" in page
    assert "http://" not in page
    assert "https://" not in page
    assert [Client().get(address).status_code for address in loaded] == [200, 200, 200]
    assert Client().get("/docs/index.html").status_code == 404


def test_document__generated_by_command__valid_without_a_warning(tmp_path: Any) -> None:
    call_command("spectacular", file=str(tmp_path / "openapi.yaml"), validate=True, fail_on_warn=True)


def test_document__both_surfaces__each_in_its_case(document: Any) -> None:
    snake = document["components"]["schemas"]["Event"]["properties"]
    camel = document["components"]["schemas"]["EventCamel"]["properties"]

    assert {"starts_at", "day_key", "_links"} <= set(snake)
    assert {"startsAt", "dayKey", "_links"} <= set(camel)
    assert camel["dayKey"]["format"] == "date"
    assert {"limit", "cursor", "ordering", "eventType", "from", "fields", "expand"} <= _names(
        document["paths"]["/api/calendar/events"]["get"]
    )


def test_document__list__the_page_envelope(document: Any) -> None:
    answer = document["paths"]["/v1/calendar/events"]["get"]["responses"]["200"]["content"]["application/json"]
    envelope = document["components"]["schemas"][answer["schema"]["$ref"].rpartition("/")[2]]

    assert envelope["required"] == ["data", "page", "_links"]
    assert envelope["properties"]["data"]["items"] == {"$ref": "#/components/schemas/Event"}


def test_document__operations__say_who_may_and_how_they_fail(document: Any) -> None:
    operations = [
        (path, method, operation) for path, item in document["paths"].items() for method, operation in item.items()
    ]
    change = document["paths"]["/v1/calendar/events/{id}"]["patch"]

    assert change["security"] == [{"bearer": ["calendar:edit"]}]
    assert document["paths"]["/v1/auth/login"]["post"]["security"] == [{}]
    assert {"Idempotency-Key", "If-Match", "X-App-Version"} <= _names(change)
    assert {"409", "412", "413", "415", "422", "428"} <= set(change["responses"])
    for path, method, operation in operations:
        assert {"400", "401", "404", "406", "426", "429", "503"} <= set(operation["responses"]), (path, method)
    assert not [path for path, _, _ in operations if path.startswith(("/admin", "/metrics"))]
    ids = [operation["operationId"] for _, _, operation in operations]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("root", ["/v1", "/api"])
def test_document__confirming_an_address__is_described_as_apps_get_it(document: Any, root: str) -> None:
    operation = document["paths"][f"{root}/auth/verify-email/{{token}}"]["get"]

    assert "application/json" in operation["responses"]["200"]["content"]
    assert "Accept: application/json" in operation["description"]
