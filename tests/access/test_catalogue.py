from collections.abc import Iterator

import pytest
from django.test import override_settings
from django.urls import path
from django.views import View
from rest_framework.request import Request
from rest_framework.response import Response

from access.catalogue import methods_of, render
from core.contributions import scopes as contributions
from core.contributions.scopes import Persona, Scope
from core.http.access import MOBILE, Access, Assurance
from core.http.viewsets import ApiView
from tests.access.urls import OwnView, function_view


class Things(ApiView):
    access = Access()

    def get(self, request: Request) -> Response:
        return Response({})


class Vault(ApiView):
    access = Access(audiences=MOBILE, assurance=Assurance.STRONG, step_up=frozenset({"POST"}))

    def post(self, request: Request) -> Response:
        return Response({})


urlpatterns = [
    path("v1/things", Things.as_view()),
    path("api/things", Things.as_view()),
    path("v1/vault", Vault.as_view()),
]


@pytest.fixture(autouse=True)
def _small_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    declared = Scope("a:read", "Read a.", frozenset({Persona.CLIENT, Persona.ADMIN}), implied_by=("a:all",))
    monkeypatch.setattr(contributions, "_scopes", {declared.name: declared})
    with override_settings(ROOT_URLCONF="tests.access.urls"):
        yield


PERSONAS = " | ".join(Persona)
COLUMNS = ":-:|" * len(Persona)


def table(title: str, *rows: str) -> list[str]:
    head = f"| route | method | scope | {PERSONAS} | apps | besides |"
    return [f"## {title}", "", head, f"|---|---|---|{COLUMNS}---|---|", *rows, ""]


def row(address: str, asked: str, who: str, apps: str, besides: str = "") -> str:
    method, path = address.split()
    held = " | ".join("●" if persona in who.split() else "" for persona in Persona)
    return f"| `{path}` | {method} | {asked} | {held} | {apps} | {besides} |"


def test_render__routes_and_scopes__are_tables_without_the_staff_path() -> None:
    both, staff = "mobile, web", "support support_lead marketing finance_ops admin"
    assert render().splitlines()[10:] == [
        *table("foreign", row("GET /foreign", "`a:read`", "client admin", both)),
        *table("function", row("GET /function/(?P<name>\\w+)$", "`a:read`", "client admin", both)),
        *table(
            "own",
            row("GET /own", "`a:read`", "client admin", both),
            row("POST /own", "`a:write`", "", both),
        ),
        *table(
            "sensitive",
            row("GET /sensitive", "`a:read`", "client admin", both, "grants are audited"),
            row("POST /sensitive", "`a:read`", "client admin", both, "grants are audited"),
        ),
        *table(
            "staff",
            row("GET /(staff-path)/…", "(signed in)", staff, "admin").replace(
                "(staff-path)/…` | GET", "(staff path)/…` | any"
            ),
        ),
        *table(
            "staff-api",
            row("GET /staff-api", "`admin:*`", "", "admin"),
            row("POST /staff-api", "`admin:*`", "", "admin"),
        ),
        *table(
            "web",
            row("GET /web", "`a:read`", "client admin", "web"),
            row("POST /web", "`a:read`", "client admin", "web"),
        ),
        "## Routes for everybody",
        "",
        "| route | method | why |",
        "|---|---|---|",
        "| `/public` | GET | for everybody |",
        "",
        "## Scopes and the personas that hold them from the start",
        "",
        f"| scope | allows | {PERSONAS} |",
        f"|---|---|{COLUMNS}",
        "| `a:read` | Read a. Included in `a:all`. |  | ● |  |  |  |  |  |  | ● |",
    ]


def test_render__shared_surfaces_and_what_is_asked_besides__are_one_row() -> None:
    with override_settings(ROOT_URLCONF=__name__):
        rows = render().splitlines()

    assert (
        row("GET /v1/things", "(signed in)", " ".join(Persona), "mobile, web").replace(
            "`/v1/things`", "`/v1/things` and `/api`"
        )
        in rows
    )
    assert (
        row("POST /v1/vault", "(signed in)", " ".join(Persona), "mobile", "device attested: strong, fresh proof")
        in rows
    )


def test_methods_of__every_kind_of_view__are_those_it_answers() -> None:
    class PlainView(View):
        def delete(self) -> None: ...

    assert methods_of(OwnView.as_view()) == ("GET", "POST")
    assert methods_of(PlainView.as_view()) == ("DELETE",)
    assert methods_of(function_view) == ("GET",)
