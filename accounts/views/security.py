"""What somebody wants to know of the safety of their account, in one answer."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.selectors import security_of
from accounts.serializers.security import SecuritySerializer
from accounts.views.factors import EVERYBODY, shown
from core.http.access import Access
from core.http.requests import ApiRequest
from core.http.views import ApiView


class SecurityView(ApiView):
    """How one signs in, where one is signed in, what happened lately, and what is under way."""

    access = Access(audiences=EVERYBODY)

    @extend_schema(responses=SecuritySerializer)
    def get(self, request: ApiRequest) -> Response:
        return shown(request, SecuritySerializer, security_of(request.user.user_id))
