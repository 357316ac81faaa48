"""Routes for the tests of enforcement: each kind of view, under each kind of declaration."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, path, re_path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.http.access import ADMIN, WEB, Access, Public
from core.http.routing import mount
from core.http.viewsets import ApiView


class OwnView(ApiView):
    access = Access("a:read", write="a:write")

    def get(self, request: Request) -> Response:
        return Response({"served": True})

    post = get


class SensitiveView(OwnView):
    access = Access("a:read", sensitive=True)


class StaffView(OwnView):
    access = Access("admin:*", audiences=ADMIN)


class WebView(OwnView):
    access = Access("a:read", audiences=WEB)


class ForeignView(APIView):
    """A library's view with permissions of its own, which knows nothing of declarations."""

    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response({"foreign": True})


def function_view(request: HttpRequest, name: str = "") -> HttpResponse:
    return JsonResponse({"user": str(getattr(request.user, "user_id", request.user))})


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("never seen")


urlpatterns: list[URLPattern | URLResolver] = [
    path("own", OwnView.as_view()),
    path("sensitive", SensitiveView.as_view()),
    path("staff-api", StaffView.as_view()),
    path("web", WebView.as_view()),
    path("undeclared", undeclared),
    *mount(
        Access("a:read"), path("foreign", ForeignView.as_view()), re_path(r"^function/(?P<name>\w+)$", function_view)
    ),
    *mount(Public("for everybody"), path("public", function_view)),
    *mount(Access(audiences=ADMIN), path("admin/", admin.site.urls)),
]
