"""Deleting one's account, looking how far it is, and keeping it after all."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from core.errors import NotFound
from core.http.access import ADMIN, MOBILE, WEB, Access
from core.http.requests import ApiRequest
from core.http.views import ApiView
from privacy.selectors import deletion_of, find_deletion
from privacy.serializers import DeletionSerializer
from privacy.services import deletion
from privacy.types import Deletion


class AccountDeletion:
    """What `DELETE /auth/me` does; `config/` puts it together with what accounts does there."""

    @extend_schema(request=None, responses={202: DeletionSerializer})
    def delete(self, request: ApiRequest) -> Response:
        return shown(request, deletion_of(deletion.schedule(actor=request.user)), status=202)


class DeletionView(ApiView):
    """The deletion that is planned, or was last. `DELETE` calls it off."""

    access = Access(audiences=MOBILE | WEB | ADMIN)

    @extend_schema(responses=DeletionSerializer)
    def get(self, request: ApiRequest) -> Response:
        found = find_deletion(request.user.user_id)
        if found is None:
            raise NotFound
        return shown(request, found)

    @extend_schema(request=None, responses={200: DeletionSerializer})
    def delete(self, request: ApiRequest) -> Response:
        return shown(request, deletion_of(deletion.cancel(actor=request.user)))


def shown(request: ApiRequest, found: Deletion, status: int = 200) -> Response:
    return Response(DeletionSerializer(found, context={"request": request}).data, status=status)
