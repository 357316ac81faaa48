"""The routes of mentoring, mounted under `/v1`."""

from django.urls import URLPattern, URLResolver, path

from core.http.routers import Router
from mentors.urls import sessions
from mentors.views.hours import ExceptionViewSet, RuleViewSet
from mentors.views.mentors import MentorViewSet, OwnProfileViewSet
from mentors.views.sessions import OwnSessionsViewSet

router = Router()
router.register("mentors/me/rules", RuleViewSet, basename="mentor-rule")
router.register("mentors/me/exceptions", ExceptionViewSet, basename="mentor-exception")
router.register("mentors", MentorViewSet, basename="mentor")

urlpatterns: list[URLPattern | URLResolver] = [
    path("mentors/me", OwnProfileViewSet.as_view({"get": "show", "patch": "change"})),
    path("mentors/sessions", OwnSessionsViewSet.as_view({"get": "list"})),
    *router.urls,
    *sessions.urlpatterns,
]
