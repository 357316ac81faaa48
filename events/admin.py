"""Staff read what happened, see what was given up, and give it another try."""

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.screens import ReadOnly
from events import services
from events.models import Delivery, OutboxEvent

if TYPE_CHECKING:
    EventAdminBase = admin.ModelAdmin[OutboxEvent]
    DeliveryAdminBase = admin.ModelAdmin[Delivery]
    DeliveryInlineBase = admin.TabularInline[Delivery, OutboxEvent]
else:
    EventAdminBase = DeliveryAdminBase = admin.ModelAdmin
    DeliveryInlineBase = admin.TabularInline


class DeliveryInline(ReadOnly, DeliveryInlineBase):
    model = Delivery
    fields = ("subscriber", "status", "attempts", "due_at", "finished_at", "error")
    extra = 0


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnly, EventAdminBase):
    list_display = ("name", "version", "aggregate_id", "channel", "actor_id", "occurred_at")
    list_filter = ("channel", "name")
    search_fields = ("id", "aggregate_id", "actor_id", "trace_id")
    ordering = ("-occurred_at",)
    inlines = [DeliveryInline]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, DeliveryAdminBase):
    list_display = ("event", "subscriber", "status", "attempts", "due_at", "finished_at", "error")
    list_filter = ("status", "subscriber")
    list_select_related = ("event",)
    search_fields = ("event__id", "aggregate_id", "error")
    ordering = ("-id",)
    actions = ["replay"]

    @admin.action(description="Replay what was given up", permissions=["replay"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = services.replay(deliveries=queryset)
        self.message_user(request, f"{count} deliveries will be tried again.", messages.SUCCESS)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("events.change_delivery"))
