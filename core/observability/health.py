"""Liveness and readiness. `/health` says that the process answers; `/readiness` that it should get traffic."""

from django.db import connection
from django.http import HttpRequest, JsonResponse

from core.http.access import Public


def health(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readiness(request: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


health.access = readiness.access = Public("Load balancers and uptime monitors have no account.")  # type: ignore[attr-defined]
