"""Accounts, transactions and their postings: a ledger of two sides, and files of it.

Not here: who may move what (`services/`).
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.background_files import BackgroundFile
from core.db.models import BaseModel, choices_of
from finance.managers import AccountQuerySet, ExportQuerySet, PayoutQuerySet, PostingQuerySet
from finance.types import AccountKind, Category, ExportFormat, ExportStatus, PayoutStatus, TransactionKind

OPEN_EXPORTS = (ExportStatus.QUEUED, ExportStatus.RUNNING)


class Account(BaseModel):
    """Where money lies. `balance` is always the sum of the account's postings, and never below `floor`.

    Accounts of people belong to a workspace, and with an `owner` to one member alone. Those of the platform belong to
    none, and have no floor: they are the other side. `is_main` are those that every workspace has from the start.
    """

    workspace = models.ForeignKey("accounts.Workspace", models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=choices_of(AccountKind))
    currency = models.CharField(max_length=3)
    position = models.PositiveSmallIntegerField(default=0)
    is_main = models.BooleanField(default=False, editable=False)
    balance = models.BigIntegerField(default=0, editable=False)  # minor units
    floor = models.BigIntegerField(null=True, blank=True, default=0)  # minor units

    objects = AccountQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "position", "name", "id"], name="finance_account_order"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(floor__isnull=True) | Q(balance__gte=F("floor")), name="finance_account_above_floor"
            ),
            models.UniqueConstraint(
                fields=["kind", "currency"], condition=Q(workspace=None), name="finance_one_platform_account"
            ),
            models.UniqueConstraint(
                fields=["workspace", "kind"], condition=Q(is_main=True), name="finance_one_main_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.currency})"


class Transaction(models.Model):
    """One movement of money between two accounts or more. Nothing of it ever changes; another one takes it back."""

    id = BaseModel._meta.get_field("id").clone()
    kind = models.CharField(max_length=12, choices=choices_of(TransactionKind))
    category = models.CharField(max_length=12, choices=choices_of(Category))
    description = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=100, null=True, blank=True, unique=True)
    reverses = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reversals")
    posted_at = models.DateTimeField()
    actor_id = models.UUIDField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Posting(models.Model):
    """What one transaction did to one account. `balance` is the account's, afterwards.

    `number` grows with every posting of the account, whatever clocks say: it alone tells their order.
    """

    id = BaseModel._meta.get_field("id").clone()
    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, models.PROTECT, related_name="postings")
    workspace = models.ForeignKey("accounts.Workspace", models.PROTECT, null=True, related_name="+")
    number = models.PositiveBigIntegerField()
    amount = models.BigIntegerField()  # minor units; what comes in is positive
    currency = models.CharField(max_length=3)
    balance = models.BigIntegerField()  # minor units
    posted_at = models.DateTimeField()

    objects = PostingQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "-posted_at", "-id"], name="finance_posting_of_workspace"),
            models.Index(fields=["account", "-posted_at", "-id"], name="finance_posting_of_account"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(amount=0), name="finance_posting_moves"),
            models.UniqueConstraint(fields=["transaction", "account"], name="finance_posting_once_each"),
            models.UniqueConstraint(fields=["account", "number"], name="finance_posting_numbered"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class Payout(BaseModel):
    """Money on its way to somebody's bank. `destination` names it for people; the bank details are sealed."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="payouts")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    amount = models.PositiveBigIntegerField()  # minor units
    currency = models.CharField(max_length=3)
    destination = models.CharField(max_length=100)
    sealed_destination = models.BinaryField(default=bytes, editable=False)
    status = models.CharField(max_length=10, choices=choices_of(PayoutStatus), default=PayoutStatus.PENDING)
    failure = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = PayoutQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-id"], name="finance_payout_of_account"),
            models.Index(fields=["status", "id"], name="finance_payout_open", condition=Q(status="pending")),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="finance_payout_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} to {self.destination}"


class LedgerExport(BackgroundFile):
    """The ledger of a span of time as a file: what had been posted when it was asked for, however late it is made."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    workspace = models.ForeignKey("accounts.Workspace", models.CASCADE, related_name="+")
    format = models.CharField(max_length=4, choices=choices_of(ExportFormat))
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # exclusive
    status = models.CharField(max_length=10, choices=choices_of(ExportStatus), default=ExportStatus.QUEUED)
    done = models.PositiveBigIntegerField(default=0)  # rows
    total = models.PositiveBigIntegerField(null=True, blank=True)  # rows; unknown until it is begun

    objects = ExportQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-id"], name="finance_export_of_user"),
            models.Index(fields=["due_at"], name="finance_export_due", condition=Q(status__in=OPEN_EXPORTS)),
            models.Index(fields=["expires_at"], name="finance_export_ready", condition=Q(status="ready")),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="finance_export_of_some_time"),
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.id}"
