"""Liveness and readiness. `/health` says that the process answers; `/readiness` that it should get traffic."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from core.http.access import Public
from core.observability.draining import is_draining
from core.observability.readiness import OK, run_checks

_UNCACHED = {"Cache-Control": "no-store"}


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Depends on nothing: a process whose database is down must not be restarted for it."""
    return JsonResponse({"status": "ok"}, headers=_UNCACHED)


@require_safe
def readiness(request: HttpRequest) -> JsonResponse:
    runs = run_checks()
    if is_draining():
        status = "draining"
    elif any(run.check.required and run.state != OK for run in runs):
        status = "unavailable"
    elif any(run.state != OK for run in runs):
        status = "degraded"
    else:
        status = "ok"
    ready = status in {"ok", "degraded"}
    return JsonResponse(
        {"status": status, "checks": {run.check.name: run.state for run in runs}},
        status=200 if ready else 503,
        headers=_UNCACHED if ready else {**_UNCACHED, "Retry-After": "5"},
    )


health.access = readiness.access = Public("Load balancers and uptime monitors have no account.")  # type: ignore[attr-defined]
