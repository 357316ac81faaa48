"""What one sees and changes of oneself."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import User
from accounts.selectors import account_of, get_user
from accounts.serializers import AccountSerializer, ProfileUpdateSerializer
from accounts.services import profile
from accounts.views.doors import validated
from core.http.access import ADMIN, MOBILE, WEB, Access
from core.http.requests import ApiRequest
from core.http.views import ApiView


class MeView(ApiView):
    access = Access(audiences=MOBILE | WEB | ADMIN)

    @extend_schema(responses=AccountSerializer)
    def get(self, request: ApiRequest) -> Response:
        return self._shown(request, get_user(request.user.user_id))

    @extend_schema(request=ProfileUpdateSerializer, responses=AccountSerializer)
    def patch(self, request: ApiRequest) -> Response:
        changes = validated(ProfileUpdateSerializer, request)
        return self._shown(request, profile.update_profile(actor=request.user, **changes))

    @staticmethod
    def _shown(request: ApiRequest, user: User) -> Response:
        account = account_of(user, roles=request.user.roles, scopes=request.user.scopes)
        return Response(AccountSerializer(account, context={"request": request}).data)
