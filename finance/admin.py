"""Money in the staff site: to be looked at. Finance staff settle payouts and post adjustments; nothing is edited."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from access.selectors import staff_may
from core.db.ids import uuid7
from core.errors import AppError
from core.money import Money, formatted
from core.screens import ReadOnly, refusals_as_messages, said_by, staff_id
from finance import services
from finance.models import Account, Payout, Posting, Transaction
from finance.scopes import STAFF

_SHOWN_IN = "en"  # the language of the staff site


class MoneyScreen(ReadOnly):
    """Rows to read, for whoever may see all money; what moves it is an action or a form, and goes through a service."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff_may(request.user, STAFF)

    def has_act_permission(self, request: HttpRequest) -> bool:
        return staff_may(request.user, STAFF)


class AdjustmentForm(forms.Form):
    """What is to be put into one account or taken out of it. `key` stays the same however often the form is sent."""

    direction = forms.ChoiceField(choices=[("in", "Put in"), ("out", "Take out")], widget=forms.RadioSelect)
    amount = forms.CharField(max_length=24)
    reason = forms.CharField(
        max_length=200,
        help_text="People see it beside the movement, and the audit trail keeps it. Name nobody.",
    )
    key = forms.UUIDField(initial=uuid7, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, currency: str) -> None:
        super().__init__(data)
        self._currency = currency
        self.fields["amount"].help_text = f"In {currency}: a plain decimal, such as {Money(1250, currency)}."

    def clean_amount(self) -> Money:
        try:
            amount = Money.parse(self.cleaned_data["amount"], self._currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if amount.minor <= 0:
            raise forms.ValidationError("Move more than nothing, and choose the direction.")
        return amount

    @property
    def signed(self) -> Money:
        """The amount, negative where it is taken out."""
        amount: Money = self.cleaned_data["amount"]
        return amount if self.cleaned_data["direction"] == "in" else Money(-amount.minor, amount.currency)


class ReasonForm(ActionForm):
    """Beside the choice of an action: why. People see it beside the movement, where any are left."""

    reason = forms.CharField(max_length=200, required=False, label="Reason, as people see it:")


class PostingInline(MoneyScreen, admin.TabularInline):  # type: ignore[type-arg]
    model = Posting
    extra = 0
    fields = readonly_fields = ("account", "amount", "currency", "balance", "posted_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Posting]:
        return super().get_queryset(request).select_related("account")


class ClaimFilter(admin.SimpleListFilter):
    """Money that nobody is left to see."""

    title = "claim"
    parameter_name = "claim"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("nobody", "Nobody's any more")]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Account]:
        found: QuerySet[Account] = queryset.unclaimed() if self.value() == "nobody" else queryset
        return found


@admin.register(Account)
class AccountAdmin(MoneyScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "workspace", "kind", "currency", "balance", "floor", "adjustment")
    list_filter = (ClaimFilter, "kind", "currency")
    list_select_related = ("workspace",)
    search_fields = ("=workspace__id", "=id", "=owner__id")
    search_help_text = "An id of an account, a workspace, or whoever owns the account or has left it."
    readonly_fields = ("balance", "adjustment")
    action_form = ReasonForm
    actions = ("pay_unclaimed",)

    def get_urls(self) -> list[URLPattern]:
        adjust = self.admin_site.admin_view(self.adjust)
        return [path("<uuid:account_id>/adjust/", adjust, name="finance_account_adjust"), *super().get_urls()]

    @admin.display(description="adjustment")
    def adjustment(self, account: Account) -> str:
        if account.workspace_id is None:
            return "-"
        return format_html('<a href="{}">Adjust</a>', reverse("admin:finance_account_adjust", args=[account.id]))

    @admin.action(description="Nobody's any more: paid out by hand, as the reason says", permissions=["act"])
    def pay_unclaimed(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        for account in queryset.order_by("id"):
            with refusals_as_messages(request, account):
                services.pay_unclaimed(
                    actor_id=staff_id(request), account_id=account.id, reason=request.POST.get("reason", "")
                )
                self.message_user(request, f"{account}: paid out.", messages.SUCCESS)

    def adjust(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Put money into an account of people's, or take it out."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        account = get_object_or_404(Account.objects.exclude(workspace=None).select_related("workspace"), id=account_id)
        form = AdjustmentForm(request.POST or None, currency=account.currency)
        if form.is_valid() and _is_adjusted(request, account, form):
            self.message_user(request, f"{account}: {form.signed} posted.", messages.SUCCESS)
            return redirect("admin:finance_account_change", account.id)
        balance = formatted(account.balance, account.currency, _SHOWN_IN)
        values = {"title": f"Adjust {account}", "account": account, "balance": balance, "form": form}
        return render(request, "finance/adjust.html", {**self.admin_site.each_context(request), **values})


@admin.register(Transaction)
class TransactionAdmin(MoneyScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "kind", "category", "description", "posted_at")
    list_filter = ("kind", "category")
    search_fields = ("=id", "=reference")
    ordering = ("-id",)
    inlines = (PostingInline,)
    action_form = ReasonForm
    actions = ("take_back",)

    @admin.action(description="Take back these adjustments, with a reason", permissions=["act"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> None:
        for chosen in queryset.order_by("id"):
            with refusals_as_messages(request, chosen):
                services.take_back_adjustment(
                    actor_id=staff_id(request), transaction_id=chosen.id, reason=request.POST.get("reason", "")
                )
                self.message_user(request, f"{chosen}: taken back.", messages.SUCCESS)


@admin.register(Payout)
class PayoutAdmin(MoneyScreen, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "requested_by", "amount", "currency", "destination", "status", "created_at")
    list_filter = ("status", "currency")
    list_select_related = ("requested_by",)
    search_fields = ("=id", "requested_by__email__startswith")
    ordering = ("-id",)
    exclude = ("sealed_destination",)
    actions = ("settle", "fail")

    @admin.action(description="Paid by the bank", permissions=["act"])
    def settle(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        self._end(request, queryset, services.settle_payout)

    @admin.action(description="Refused by the bank: put the money back", permissions=["act"])
    def fail(self, request: HttpRequest, queryset: QuerySet[Payout]) -> None:
        self._end(request, queryset, partial(services.fail_payout, reason="Refused by the bank"))

    def _end(self, request: HttpRequest, payouts: QuerySet[Payout], end: Callable[..., Payout]) -> None:
        for payout in payouts:
            with refusals_as_messages(request, payout):
                end(actor_id=staff_id(request), payout_id=payout.id)


def _is_adjusted(request: HttpRequest, account: Account, form: AdjustmentForm) -> bool:
    """Whether the service has posted it; where it refuses, the form says why."""
    given = form.cleaned_data
    try:
        services.adjust(
            actor_id=staff_id(request),
            account_id=account.id,
            amount=form.signed,
            reason=given["reason"],
            key=given["key"],
        )
    except AppError as error:
        form.add_error(None, said_by(error))
        return False
    return True
