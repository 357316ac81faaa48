"""One decision, explained."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access.selectors import staff_may
from access.stories import find_story


def explain(request: HttpRequest) -> HttpResponse:
    """The story behind `?id=dec_…`, or the form to ask for one."""
    if not staff_may(request.user, "admin:people.read"):
        raise PermissionDenied
    asked = request.GET.get("id", "")
    values = {
        **admin.site.each_context(request),
        "title": "Explain a decision",
        "asked": asked,
        "story": find_story(asked) if asked else None,
    }
    return render(request, "access/decision.html", values)
