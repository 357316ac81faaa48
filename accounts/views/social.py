"""Signing in with a provider, and the identities of one's own."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.selectors import list_identities
from accounts.serializers import (
    IdentitySerializer,
    LinkIdentitySerializer,
    NonceSerializer,
    SocialSignInSerializer,
    TokenAnswerSerializer,
)
from accounts.services.social import coming_in, identities
from accounts.types import Provider
from accounts.views.doors import DoorView, token_answer, validated
from core.http.access import MOBILE, UNSAFE_METHODS, WEB, Access
from core.http.limits import Limit
from core.http.requests import ApiRequest
from core.http.viewsets import ApiViewSet


class NonceView(DoorView):
    """A nonce for the next token that an app asks a provider for; good once, for a few minutes."""

    limits = (Limit("60/min"),)

    @extend_schema(request=None, responses={201: NonceSerializer})
    def post(self, request: ApiRequest) -> Response:
        return Response(NonceSerializer(coming_in.start(), context={"request": request}).data, status=201)


class SocialSignInView(DoorView):
    limits = (Limit("30/min"),)
    provider = Provider.APPLE

    @extend_schema(request=SocialSignInSerializer, responses=TokenAnswerSerializer)
    def post(self, request: ApiRequest) -> Response:
        session = coming_in.sign_in(provider=self.provider, **validated(SocialSignInSerializer, request))
        return token_answer(request, session)


class IdentityViewSet(ApiViewSet):
    """Who may sign in as somebody is changed only by who has just proved to be them."""

    access = Access(audiences=MOBILE | WEB, step_up=UNSAFE_METHODS)
    serializer_class = IdentitySerializer
    idempotent = False  # a proof is spent whatever becomes of it

    def list(self, request: ApiRequest) -> Response:
        return self.page(list_identities(request.user.user_id))

    @extend_schema(request=LinkIdentitySerializer, responses={201: IdentitySerializer})
    def create(self, request: ApiRequest) -> Response:
        linked = identities.link(actor=request.user, **validated(LinkIdentitySerializer, request))
        return self.one(linked, status=201)

    def destroy(self, request: ApiRequest, pk: UUID) -> Response:
        identities.unlink(actor=request.user, identity_id=pk)
        return Response(status=204)
