"""Sessions with mentors, mounted under `/v1` and `/mobile/v2`."""

from django.urls import URLPattern, URLResolver

from core.http.routers import Router
from mentors.views.sessions import MentorDecisionViewSet, MentorSessionViewSet

router = Router()
router.register("mentors/<id:mentor_id>/sessions", MentorSessionViewSet, basename="mentor-session")
router.register("mentors/<id:mentor_id>/sessions", MentorDecisionViewSet, basename="mentor-decision")

urlpatterns: list[URLPattern | URLResolver] = list(router.urls)
