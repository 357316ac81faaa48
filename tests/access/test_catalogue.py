from collections.abc import Iterator

import pytest
from django.test import override_settings
from django.views import View

from access.catalogue import methods_of, render
from core.contributions import scopes as contributions
from core.contributions.scopes import Persona, Scope
from tests.access.urls import OwnView, function_view


@pytest.fixture(autouse=True)
def _small_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    declared = Scope("a:read", "Read a.", frozenset({Persona.CLIENT, Persona.ADMIN}), implied_by=("a:all",))
    monkeypatch.setattr(contributions, "_scopes", {declared.name: declared})
    with override_settings(ROOT_URLCONF="tests.access.urls"):
        yield


def test_render__routes_and_scopes__are_tables_without_the_staff_path() -> None:
    assert render().splitlines() == [
        "# Access",
        "",
        "## Routes",
        "",
        "| route | method | scope | audiences | |",
        "|---|---|---|---|---|",
        "| `/(staff path)/…` | any | (signed in) | admin |  |",
        "| `/foreign` | GET | `a:read` | mobile, web |  |",
        "| `/function/(?P<name>\\w+)$` | GET | `a:read` | mobile, web |  |",
        "| `/own` | GET | `a:read` | mobile, web |  |",
        "| `/own` | POST | `a:write` | mobile, web |  |",
        "| `/public` | GET | | everybody | for everybody |",
        "| `/sensitive` | GET | `a:read` | mobile, web | grants are audited |",
        "| `/sensitive` | POST | `a:read` | mobile, web | grants are audited |",
        "| `/staff-api` | GET | `admin:*` | admin |  |",
        "| `/staff-api` | POST | `admin:*` | admin |  |",
        "| `/web` | GET | `a:read` | web |  |",
        "| `/web` | POST | `a:read` | web |  |",
        "",
        "## Scopes and the personas that hold them from the start",
        "",
        "| scope | allows | freelancer | client | mentor | agency | support | support_lead | marketing "
        "| finance_ops | admin |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        "| `a:read` | Read a. Included in `a:all`. |  | ● |  |  |  |  |  |  | ● |",
    ]


def test_methods_of__every_kind_of_view__are_those_it_answers() -> None:
    class PlainView(View):
        def delete(self) -> None: ...

    assert methods_of(OwnView.as_view()) == ("GET", "POST")
    assert methods_of(PlainView.as_view()) == ("DELETE",)
    assert methods_of(function_view) == ("GET",)
