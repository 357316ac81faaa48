"""Money in the staff site: to be looked at. Finance staff settle payouts; nothing in the ledger is ever edited."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest

from access.selectors import staff_may
from finance import services
from finance.errors import InvalidPayoutState
from finance.models import Account, Payout, Posting, Transaction


class LedgerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to read, for whoever may see all money."""

    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, "admin:finance")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PostingInline(LedgerAdmin, admin.TabularInline):  # type: ignore[type-arg]
    model = Posting
    extra = 0
    fields = readonly_fields = ("account", "amount", "currency", "balance", "posted_at")


@admin.register(Account)
class AccountAdmin(LedgerAdmin):
    list_display = ("name", "workspace", "kind", "currency", "balance", "floor")
    list_filter = ("kind", "currency")
    list_select_related = ("workspace",)
    search_fields = ("=workspace__id", "=id")


@admin.register(Transaction)
class TransactionAdmin(LedgerAdmin):
    list_display = ("id", "kind", "category", "description", "posted_at")
    list_filter = ("kind", "category")
    search_fields = ("=id", "=reference")
    ordering = ("-id",)


@admin.register(Payout)
class PayoutAdmin(LedgerAdmin):
    list_display = ("id", "requested_by", "amount", "currency", "destination", "status", "created_at")
    list_filter = ("status", "currency")
    list_select_related = ("requested_by",)
    search_fields = ("=id", "requested_by__email__startswith")
    ordering = ("-id",)
    exclude = ("sealed_destination",)
    actions = ("settle", "fail")

    def has_act_permission(self, request: HttpRequest) -> bool:
        return staff_may(request.user, "admin:finance")

    @admin.action(description="Paid by the bank", permissions=["act"])
    def settle(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        self._end(request, queryset, services.settle_payout)

    @admin.action(description="Refused by the bank: put the money back", permissions=["act"])
    def fail(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        self._end(request, queryset, partial(services.fail_payout, reason="Refused by the bank"))

    def _end(self, request: HttpRequest, payouts: QuerySet[Payout], end: Callable[..., Payout]) -> None:
        for payout in payouts:
            try:
                end(actor_id=cast("AbstractBaseUser", request.user).pk, payout_id=payout.id)
            except InvalidPayoutState as error:
                self.message_user(request, f"{payout}: {error.message}", "warning")
