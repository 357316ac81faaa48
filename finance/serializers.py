"""Money as clients see and move it."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from rest_framework import serializers
from stdnum import iban
from stdnum.exceptions import ValidationError as NoIban

from core.background_files import is_downloadable
from core.errors import Invalid
from core.http.access import Caller
from core.http.links import Link, Links
from core.http.money import AmountField, MoneyField, amount_field, plain_before
from core.http.serializers import Computed, ModelSerializer, Serializer
from core.http.windows import read_moment
from finance.models import Account, LedgerExport, Payout, Posting, Transaction
from finance.scopes import WRITE
from finance.signatures import signed_query
from finance.types import ExportFormat, ExportStatus, PayoutStatus


def _is_pending(caller: Caller, status: str) -> bool:
    return status == PayoutStatus.PENDING


class IbanField(serializers.CharField):
    """The number of a bank account (ISO 13616), checked by its check digits."""

    def to_internal_value(self, data: Any) -> str:
        try:
            number: str = iban.validate(super().to_internal_value(data))
        except NoIban as error:
            raise serializers.ValidationError("This is not an IBAN.", code="invalid_iban") from error
        return number


class LedgerAccountSerializer(ModelSerializer):
    links = Links("finance/accounts", (Link("update", "PATCH", scope=WRITE),))
    version_changes = (plain_before("balance"),)

    balance = amount_field("balance")
    version = serializers.IntegerField(source="rev")

    class Meta:
        model = Account
        fields = read_only_fields = ("id", "name", "kind", "balance", "position", "version", "updated_at")


class LedgerAccountUpdateSerializer(Serializer):
    name = serializers.CharField(max_length=100)


class PostingSerializer(ModelSerializer):
    """One movement on one account; `balance` is what was there afterwards."""

    version_changes = (plain_before("amount", "balance"),)

    amount = amount_field("amount")
    balance = amount_field("balance")
    account_id = serializers.UUIDField()
    transaction_id = serializers.UUIDField()
    kind = serializers.CharField(source="transaction.kind")
    category = serializers.CharField(source="transaction.category")
    description = serializers.CharField(source="transaction.description")

    class Meta:
        model = Posting
        fields = read_only_fields = (
            "id", "account_id", "transaction_id", "kind", "category", "description", "amount", "balance", "posted_at",
        )  # fmt: skip


class TransactionSerializer(ModelSerializer):
    postings = PostingSerializer(many=True)

    class Meta:
        model = Transaction
        fields = read_only_fields = ("id", "kind", "category", "description", "posted_at", "postings")


class TransferSerializer(Serializer):
    version_changes = (plain_before("amount"),)

    from_account = serializers.UUIDField()
    to_account = serializers.UUIDField()
    amount = MoneyField()
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)


class PayoutSerializer(ModelSerializer):
    links = Links(
        "finance/payouts", (Link("cancel", "POST", "/cancel", scope=WRITE, when=_is_pending, of=("status",)),)
    )
    version_changes = (plain_before("amount"),)

    amount = amount_field("amount")
    account_id = serializers.UUIDField()

    class Meta:
        model = Payout
        fields = read_only_fields = (
            "id", "account_id", "amount", "destination", "status", "failure", "created_at", "settled_at",
        )  # fmt: skip


class PayoutCreateSerializer(Serializer):
    version_changes = (plain_before("amount"),)

    account_id = serializers.UUIDField()
    amount = MoneyField()
    iban = IbanField(max_length=42, write_only=True)


def _may_download(_: Any, export_id: UUID, status: str, expires_at: datetime | None) -> bool:
    return is_downloadable(status, expires_at)


def _signed(_: Any, export_id: UUID, status: str, expires_at: datetime) -> str:
    return signed_query(export_id, expires_at)


def _status(status: str, expires_at: datetime | None) -> str:
    """A file that has expired is gone for its owner before it is deleted."""
    has_expired = status == ExportStatus.READY and not is_downloadable(status, expires_at)
    return ExportStatus.EXPIRED if has_expired else status


def _progress(done: int, total: int | None) -> dict[str, int | None]:
    return {"done": done, "total": total}


class ExportProgressSerializer(Serializer):
    """In rows; `total` is unknown until the export is begun."""

    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)


class LedgerExportSerializer(ModelSerializer):
    """`to` is exclusive. `download` among the links is signed and good for minutes; read again for a new one."""

    links = Links(
        "finance/exports",
        (
            Link(
                "download", "GET", "/download",
                when=_may_download, query=_signed, of=("id", "status", "expires_at"),
            ),
        ),
    )  # fmt: skip

    vars()["from"] = serializers.DateTimeField(source="starts_at")
    to = serializers.DateTimeField(source="ends_at")
    status = Computed(_status, "status", "expires_at", output=serializers.ChoiceField([*ExportStatus]))
    progress = Computed(_progress, "done", "total", output=ExportProgressSerializer())
    size = serializers.IntegerField(help_text="Bytes.")

    class Meta:
        model = LedgerExport
        fields = read_only_fields = (
            "id", "format", "from", "to", "status", "progress", "size", "created_at", "ready_at", "expires_at",
        )  # fmt: skip


class LedgerExportCreateSerializer(Serializer):
    """`from` and `to` are days, which begin at midnight where the caller is, or moments; `to` is exclusive."""

    format = serializers.ChoiceField([*ExportFormat])
    vars()["from"] = serializers.CharField(max_length=40)
    to = serializers.CharField(max_length=40)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        zone = ZoneInfo(self.context["request"].user.timezone)
        starts_at, ends_at = (read_moment(name, attrs[name], zone) for name in ("from", "to"))
        if ends_at <= starts_at:
            raise Invalid.field("to", "`to` must be later than `from`.", "not_after_from")
        return {"format": ExportFormat(attrs["format"]), "starts_at": starts_at, "ends_at": ends_at}


class TotalsSerializer(Serializer):
    currency = serializers.CharField()
    available = AmountField()
    held = AmountField()


class DaySerializer(Serializer):
    day = serializers.DateField()
    inflow = AmountField()
    outflow = AmountField()
    net = AmountField()


class SeriesSerializer(Serializer):
    currency = serializers.CharField()
    points = DaySerializer(many=True)


class OverviewSerializer(Serializer):
    """`accounts` by their position, then name; `series` ascending in time: the one order of all charts."""

    totals = TotalsSerializer(many=True)
    accounts = LedgerAccountSerializer(many=True)
    series = SeriesSerializer(many=True)


class FlowSerializer(Serializer):
    inflow = AmountField()
    outflow = AmountField()
    net = AmountField()
    count = serializers.IntegerField(help_text="How many movements these are the sums of.")


class PartSerializer(FlowSerializer):
    start = serializers.DateField()
    end = serializers.DateField()


class CategoryFlowSerializer(FlowSerializer):
    category = serializers.CharField()


class ComparisonSerializer(Serializer):
    previous_period = PartSerializer()
    net_change = AmountField()


class RatesSerializer(Serializer):
    """`as_of` is the last day on which all the currencies in use were quoted."""

    as_of = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]  # a name of the base class


class InsightsSerializer(Serializer):
    """`unconverted` names currencies that have no rate, and are in no sum."""

    period = serializers.CharField()
    granularity = serializers.CharField()
    currency = serializers.CharField()
    totals = FlowSerializer()
    series = PartSerializer(many=True)
    by_category = CategoryFlowSerializer(many=True)
    comparison = ComparisonSerializer()
    fx = RatesSerializer()
    unconverted = serializers.ListField(child=serializers.CharField())
