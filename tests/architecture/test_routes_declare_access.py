"""Default deny: a route that declares nothing cannot be served, and what is declared makes sense."""

import pytest
from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path

from access.permissions import DeclaredAccess
from core.contributions.scopes import declared_scopes
from core.http.access import Access
from core.http.routing import mount, routes
from tests.architecture.routes import Route, api_routes, leads_to


def silent_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("silent", silent_view),
    path("nested/", include([path("silent", silent_view)])),
    *mount(Access("a:b"), path("mounted", silent_view)),
]


def test_routes__all__declare_access() -> None:
    assert run_checks(tags=["access"]) == []


@override_settings(ROOT_URLCONF=__name__)
def test_check__undeclared_routes__names_each_of_them() -> None:
    assert [problem.msg for problem in run_checks(tags=["access"])] == [
        "The route /silent declares no access.",
        "The route /nested/silent declares no access.",
    ]


def test_api_views__all__are_held_by_the_declared_permission_or_by_the_middleware() -> None:
    """A view that lists permissions of its own must keep ours among them, or leave the work to the middleware."""
    loose = [
        where
        for where, pattern, declaration in routes()
        if isinstance(declaration, Access)
        and (view := getattr(pattern.callback, "cls", None)) is not None
        and view.__module__.partition(".")[0] not in {"rest_framework", "drf_spectacular"}
        and DeclaredAccess not in view.permission_classes
    ]

    assert loose == []


@pytest.mark.parametrize("route", api_routes(), ids=str)
def test_route__sampled_address__leads_to_its_own_declaration(route: Route) -> None:
    """Without this the matrix could test another route than it says."""
    assert leads_to(route.address) == route.declaration


def test_scopes__that_routes_ask_for__are_all_declared() -> None:
    asked = {
        scope
        for _, _, declaration in routes()
        if isinstance(declaration, Access)
        for scope in (declaration.scope, declaration.write)
        if scope
    }

    assert asked <= {scope.name for scope in declared_scopes()}
