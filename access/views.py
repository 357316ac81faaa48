"""Access over HTTP, for staff clients."""

from rest_framework.response import Response

from access.serializers import DecisionSerializer, StorySerializer
from access.stories import find_story
from core.errors import NotFound
from core.http import forms
from core.http.access import ADMIN, Access
from core.http.requests import ApiRequest
from core.http.views import ApiView


class ExplainView(ApiView):
    """How one decision came about. A POST, because ids in addresses end up in logs; it changes nothing."""

    access = Access(scope="admin:people.read", audiences=ADMIN, sensitive=True)
    idempotent = False

    def post(self, request: ApiRequest) -> Response:
        asked = forms.validated(DecisionSerializer, request.data, {"request": request})
        story = find_story(asked["decision_id"])
        if story is None:
            raise NotFound
        return Response(StorySerializer(story, context={"request": request}).data)
