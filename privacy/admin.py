"""Staff screens: requests with their days, and what people exported, deleted and agreed to; to look at and to close."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from access.selectors import staff_may
from core.screens import ReadOnly, refusals_as_messages, staff_id
from privacy.models import AgeingProgress, ConsentEntry, Erasure, ErasureStep, Export, PrivacyRequest
from privacy.scopes import REQUESTS
from privacy.services import requests


class PrivacyScreen(ReadOnly):
    """For those who work on privacy requests, and to look at."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, REQUESTS)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may use the actions."""
        return staff_may(request.user, REQUESTS)


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(PrivacyScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("created_at", "kind", "status", "source", "user_id", "confirm_by", "due_at", "closed_at")
    list_filter = ("status", "kind", "source")
    search_fields = ("=user_id", "=id")
    ordering = ("due_at",)
    exclude = ("contact",)
    actions = ("mark_done",)

    @admin.action(description="Mark as done", permissions=["act"])
    def mark_done(self, request: HttpRequest, queryset: QuerySet[PrivacyRequest]) -> None:
        for chosen in queryset:
            with refusals_as_messages(request, chosen):
                requests.close(actor=staff_id(request), request_id=chosen.id, outcome="Done by staff.")


@admin.register(Export)
class ExportAdmin(PrivacyScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("created_at", "user_id", "status", "progress", "size", "expires_at", "downloaded_at")
    list_filter = ("status",)
    search_fields = ("=user__id", "=id")
    exclude = ("file",)
    ordering = ("-id",)


class StepInline(PrivacyScreen, admin.TabularInline):  # type: ignore[type-arg]
    model = ErasureStep
    extra = 0
    ordering = ("position",)


@admin.register(Erasure)
class ErasureAdmin(PrivacyScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("created_at", "user_id", "status", "source", "executes_at", "finished_at")
    list_filter = ("status", "source")
    search_fields = ("=user_id", "=id")
    exclude = ("contact", "link_digest", "link_nonce")
    ordering = ("-id",)
    inlines = (StepInline,)


@admin.register(ConsentEntry)
class ConsentEntryAdmin(PrivacyScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("recorded_at", "user_id", "purpose", "version", "given", "source")
    list_filter = ("purpose", "given", "source")
    search_fields = ("=user_id",)
    ordering = ("-id",)


@admin.register(AgeingProgress)
class AgeingProgressAdmin(PrivacyScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("rule", "reached", "ran_at", "rows")
    ordering = ("rule",)
