"""Accounts, the ledger and files of it, and moving money."""

from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from core.http import forms
from core.http.access import UNSAFE_METHODS, Access
from core.http.conditional import CachePolicy
from core.http.downloads import download
from core.http.limits import Limit
from core.http.money import Amounts
from core.http.requests import ApiRequest
from core.http.serializers import WireFieldsMixin
from core.http.views import ApiView
from core.http.viewsets import ApiViewSet
from finance import selectors, services, statements
from finance.filters import DownloadQuery, InsightsQuery, LedgerFilter, PayoutFilter
from finance.flags import WALLET_INSIGHTS
from finance.scopes import READ, VIEW, WRITE
from finance.serializers import (
    InsightsSerializer,
    LedgerAccountSerializer,
    LedgerAccountUpdateSerializer,
    LedgerExportCreateSerializer,
    LedgerExportSerializer,
    OverviewSerializer,
    PayoutCreateSerializer,
    PayoutSerializer,
    PostingSerializer,
    TransactionSerializer,
    TransferSerializer,
)
from finance.services import exports

DAY = 86_400  # seconds
_GONE = "The link or its file has expired: `export_link_gone`."


class FinanceViewSet(ApiViewSet):
    access = Access(scope=READ, write=WRITE)
    cache_policy = CachePolicy(max_age=0, must_revalidate=True, stale_if_error=DAY)

    def row_context(self) -> dict[str, Any]:
        return {"money": self.money}

    def body(self, serializer_class: type[WireFieldsMixin]) -> dict[str, Any]:
        """The request body, checked by one serializer."""
        return forms.validated(serializer_class, self.request.data, {"request": self.request})

    @property
    def money(self) -> Amounts:
        return Amounts(self.request.wire, self.request.user.locale)


class AccountViewSet(FinanceViewSet):
    serializer_class = LedgerAccountSerializer
    order = ("position", "name")
    versioned = True

    def data_version(self) -> str | None:
        return selectors.finance_version(self.request.user) if self.action == "list" else None

    def list(self, request: ApiRequest) -> Response:
        return self.page(selectors.list_accounts(request.user))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(selectors.list_accounts(request.user), id=pk)

    @extend_schema(request=LedgerAccountUpdateSerializer)
    def partial_update(self, request: ApiRequest, pk: UUID) -> Response:
        changes = self.body(LedgerAccountUpdateSerializer)
        return self.one(services.rename_account(actor=request.user, account_id=pk, **changes))


class LedgerViewSet(FinanceViewSet):
    serializer_class = PostingSerializer
    filterset_class = LedgerFilter
    orderings = {"posted_at": "posted_at"}
    order = selectors.LEDGER_ORDER

    def data_version(self) -> str:
        return selectors.finance_version(self.request.user)

    def list(self, request: ApiRequest) -> Response:
        return self.page(selectors.list_postings(request.user))


class LedgerExportViewSet(FinanceViewSet):
    """Files of the ledger, made in the background. `download` is among the links once one is ready."""

    access = Access(scope=READ)
    serializer_class = LedgerExportSerializer
    limits = (Limit("30/h", by="user", actions=frozenset({"create"})),)

    def list(self, request: ApiRequest) -> Response:
        return self.page(selectors.list_exports(request.user))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(selectors.list_exports(request.user), id=pk)

    @extend_schema(request=LedgerExportCreateSerializer, responses={202: LedgerExportSerializer})
    def create(self, request: ApiRequest) -> Response:
        export = exports.request_export(actor=request.user, **self.body(LedgerExportCreateSerializer))
        return self.one(export, 202, {"Location": f"{request.path}/{export.id}"})


class LedgerDownloadView(ApiView):
    """The file of an export, by the link that reading the export gives; good for minutes, and for its owner alone."""

    access = Access(scope=READ, sensitive=True)
    query_serializer_class = DownloadQuery
    http_method_names = ("get", "options")

    @extend_schema(
        responses={
            **{(200, kind): OpenApiTypes.BINARY for kind in statements.CONTENT_TYPES.values()},
            (410, "application/problem+json"): OpenApiResponse({"$ref": "#/components/schemas/Problem"}, _GONE),
        }
    )
    def get(self, request: ApiRequest, pk: UUID) -> HttpResponseBase:
        export, file = exports.open_export(actor=request.user, export_id=pk, **self.query())
        name = f"gigvora-ledger-{export.id}.{export.format}"
        return download(request, file, name=name, content_type=statements.CONTENT_TYPES[export.format])


class TransferViewSet(FinanceViewSet):
    access = Access(scope=WRITE, sensitive=True, step_up=UNSAFE_METHODS)
    serializer_class = TransferSerializer

    @extend_schema(responses={201: TransactionSerializer})
    def create(self, request: ApiRequest) -> Response:
        moved = services.transfer(actor=request.user, **self.validated(request))
        return Response(TransactionSerializer(moved, context=self.get_serializer_context()).data, status=201)


class PayoutViewSet(FinanceViewSet):
    access = Access(scope=READ, write=WRITE, sensitive=True, step_up=frozenset({"POST"}))
    serializer_class = PayoutSerializer
    filterset_class = PayoutFilter

    def list(self, request: ApiRequest) -> Response:
        return self.page(selectors.list_payouts(request.user))

    def retrieve(self, request: ApiRequest, pk: UUID) -> Response:
        return self.find(selectors.list_payouts(request.user), id=pk)

    @extend_schema(request=PayoutCreateSerializer, responses={201: PayoutSerializer})
    def create(self, request: ApiRequest) -> Response:
        payout = services.request_payout(actor=request.user, **self.body(PayoutCreateSerializer))
        return self.one(payout, 201, {"Location": f"{request.path}/{payout.id}"})

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def cancel(self, request: ApiRequest, pk: UUID) -> Response:
        return self.one(services.cancel_payout(actor=request.user, payout_id=pk))


class ChartViewSet(FinanceViewSet):
    """What is summed up by the caller's days: unchanged until money moves, or a day ends."""

    access = Access(scope=VIEW)

    def data_version(self) -> str:
        return selectors.finance_version(self.request.user)

    def shown(self, found: object) -> Response:
        self.changes_at = datetime.combine(self.today + timedelta(days=1), time(), self.zone)
        return Response(self.get_serializer(found).data)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.request.user.timezone)

    @cached_property
    def today(self) -> date:
        return timezone.now().astimezone(self.zone).date()


class OverviewViewSet(ChartViewSet):
    serializer_class = OverviewSerializer

    @extend_schema(filters=False)
    def overview(self, request: ApiRequest) -> Response:
        """What the caller has, and what moved in the last thirty days, in the order in which charts show it."""
        return self.shown(selectors.overview(request.user, self.today, self.zone))


class InsightsViewSet(ChartViewSet):
    feature = WALLET_INSIGHTS
    serializer_class = InsightsSerializer
    query_serializer_class = InsightsQuery

    @extend_schema(filters=False)
    def insights(self, request: ApiRequest) -> Response:
        """What came in and went out over a period, in one currency, and in the period before."""
        return self.shown(
            selectors.wallet_insights(request.user, self.query()["asked"], today=self.today, zone=self.zone)
        )
