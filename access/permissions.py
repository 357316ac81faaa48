"""The DRF end of access: every API view is held to what it declares."""

from typing import TYPE_CHECKING, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from access.services import enforce
from access.types import Principal
from core.http.routing import declaration_of

if TYPE_CHECKING:  # DRF imports this module while it is still importing its views
    from rest_framework.views import APIView


class DeclaredAccess(BasePermission):
    """Default permission of all views. Objects are guarded by querysets, `visible_to(principal)`."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        match = request.resolver_match
        declaration = declaration_of(match) if match else getattr(view, "access", None)
        if declaration is None:
            return False
        route = match.route if match else type(view).__qualname__
        principal = cast("Principal | None", request.user)
        return enforce(principal, declaration, method=request.method or "", route=route).allowed
