"""The public keys of our access tokens."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from accounts.keyring import public_key_set
from core.http.access import Public


@require_safe
def jwks(request: HttpRequest) -> JsonResponse:
    return JsonResponse(public_key_set(), headers={"Cache-Control": "public, max-age=300"})


jwks.access = Public("public keys are public")  # type: ignore[attr-defined]
