"""The base of every API view: an access declaration, the wire conventions, and little else.

A leaf translates the request, calls one service or selector, and answers.
"""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from core.http.access import Declaration


class ApiView(APIView):
    """A route that is no collection, such as `POST /auth/login`."""

    access: ClassVar[Declaration]


class ApiViewSet(GenericViewSet[Any]):
    """A collection behind a router. `GenericViewSet` knows serializers, filters and pages."""

    access: ClassVar[Declaration]

    def validated(self, request: Request, **kwargs: Any) -> dict[str, Any]:
        """The request body, checked by the action's serializer."""
        serializer = self.get_serializer(data=request.data, **kwargs)
        serializer.is_valid(raise_exception=True)
        validated: dict[str, Any] = serializer.validated_data
        return validated
