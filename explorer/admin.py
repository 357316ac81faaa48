"""The marketplace in the staff site: support looks at listings, takes them down and puts them back."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from access.selectors import staff_may
from core.screens import ReadOnly, refusals_as_messages, staff_id
from explorer import services
from explorer.models import Application, Listing
from explorer.scopes import MODERATE

REASON = "Against the rules of the marketplace"


class ModerationAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to read, for whoever may moderate."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, MODERATE)


@admin.register(Listing)
class ListingAdmin(ModerationAdmin):
    list_display = ("title", "category", "organization", "location", "status", "published_at")
    list_filter = ("status", "category", "is_remote", "employment_type")
    search_fields = ("=id", "title__istartswith", "owner__email__startswith")
    ordering = ("-published_at",)
    exclude = ("tag_words",)
    actions = ("remove", "restore")

    def has_act_permission(self, request: HttpRequest) -> bool:
        return staff_may(request.user, MODERATE)

    @admin.action(description="Take these listings down", permissions=["act"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Listing]) -> None:
        for listing in queryset:
            with refusals_as_messages(request, listing):
                services.remove_listing(actor_id=staff_id(request), listing_id=listing.id, reason=REASON)

    @admin.action(description="Put these listings back, closed", permissions=["act"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Listing]) -> None:
        for listing in queryset:
            with refusals_as_messages(request, listing):
                services.restore_listing(actor_id=staff_id(request), listing_id=listing.id)


@admin.register(Application)
class ApplicationAdmin(ModerationAdmin):
    """How applications stand; what is written in them stays between those concerned."""

    list_display = ("id", "listing", "applicant", "status", "created_at")
    list_filter = ("status",)
    list_select_related = ("listing", "applicant")
    search_fields = ("=id", "=listing__id", "applicant__email__startswith")
    exclude = ("message",)
    ordering = ("-id",)
