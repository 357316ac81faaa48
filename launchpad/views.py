"""The home screen."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema

from core.http.access import Access
from core.http.conditional import CachePolicy
from core.http.limits import Limit
from core.http.money import Amounts
from core.http.renderers import dump_json
from core.http.requests import ApiRequest
from core.http.viewsets import ApiViewSet
from launchpad import held, selectors
from launchpad.held import ANSWER_SECONDS, Answer
from launchpad.metrics import answered
from launchpad.serializers import LaunchpadSerializer
from launchpad.types import Viewer


class LaunchpadViewSet(ApiViewSet):
    """Answers are cached; `X-Cache` tells whether this one was, and `Age` for how many seconds it has been."""

    access = Access()
    bursts = True
    limits = (Limit("120/min", by="user", scope="launchpad"),)
    cache_policy = CachePolicy(max_age=ANSWER_SECONDS, everywhere=True)
    serializer_class = LaunchpadSerializer

    @extend_schema(responses=LaunchpadSerializer, filters=False)
    def show(self, request: ApiRequest) -> HttpResponseBase:
        """The cards that the caller may see, the most important first."""
        version = request.META.get("HTTP_X_APP_VERSION", "")
        viewer = selectors.viewer_of(request.user, train=request.wire.train, app_version=version)
        key = held.answer_key(viewer, request.wire.train, request.wire.case, ",".join(sorted(self.fieldset.fields)))
        found = held.find_answer(key)
        answer = found or self._composed(viewer, key)
        self.headers["X-Cache"] = answered(is_hit=found is not None)
        self.headers["Age"] = str(max(0, int((timezone.now() - answer.generated_at).total_seconds())))
        return HttpResponse(answer.body, content_type="application/json")

    def _composed(self, viewer: Viewer, key: str) -> Answer:
        home = selectors.home(viewer)
        answer = Answer(dump_json(self.get_serializer(home).data), home.generated_at, home.until)
        held.keep_answer(key, answer)
        return answer

    def row_context(self) -> dict[str, Any]:
        return {"money": Amounts(self.request.wire, self.request.user.locale)}
