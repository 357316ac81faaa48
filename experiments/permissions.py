"""The DRF end of flags: a view that belongs to a feature is gone while the feature is off."""

from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from experiments.errors import FeatureDisabled
from experiments.selectors import is_enabled

if TYPE_CHECKING:  # DRF imports this module while it is still importing its views
    from rest_framework.views import APIView


class DeclaredFeature(BasePermission):
    """Default permission of all views, asked after access: who may not call is not told what there is."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        feature = getattr(view, "feature", None)
        if feature is not None:
            caller: Any = request.user
            if not is_enabled(caller, feature, app_version=request.META.get("HTTP_X_APP_VERSION", "")):
                raise FeatureDisabled
        return True
