"""The tables of privacy. What must outlive a person names them by a plain id, and holds nothing else of them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.background_files import BackgroundFile
from core.db.ids import uuid7
from core.db.models import BaseModel, choices_of
from privacy.types import ErasureStatus, ExportStatus, RequestKind, RequestStatus, Source, StepKind, StepStatus

OPEN_EXPORTS = (ExportStatus.QUEUED, ExportStatus.RUNNING)
OPEN_ERASURES = (ErasureStatus.REQUESTED, ErasureStatus.SCHEDULED, ErasureStatus.RUNNING)


class Export(BackgroundFile):
    """A copy of everything about somebody."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    status = models.CharField(max_length=10, choices=choices_of(ExportStatus), default=ExportStatus.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    downloaded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status__in=OPEN_EXPORTS), name="privacy_export_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="privacy_export_progress_is_percent"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="privacy_export_due", condition=Q(status__in=OPEN_EXPORTS)),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.id}"


class Erasure(BaseModel):
    """The wish to be forgotten, and how far it has come.

    `contact` is the last address, sealed, until the receipt has been sent there. `link_digest` is that of the secret
    in mails, behind which the person confirms, cancels, and finds the receipt; `link_nonce` is what makes one link
    differ from the next. `due_at` is the lease of whoever works on it, and `claims` their fencing token; before the
    erasure has begun, `due_at` is when to try to begin again.
    """

    user_id = models.UUIDField()
    status = models.CharField(max_length=10, choices=choices_of(ErasureStatus))
    source = models.CharField(max_length=10, choices=choices_of(Source))
    link_digest = models.CharField(max_length=64, blank=True)
    link_nonce = models.UUIDField(null=True, blank=True)
    contact = models.BinaryField(default=bytes)
    executes_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)  # done, called off, or never confirmed
    due_at = models.DateTimeField(null=True, blank=True)  # the lease, or when to go on
    claims = models.PositiveIntegerField(default=0)
    receipt = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user_id"], condition=Q(status__in=OPEN_ERASURES), name="privacy_erasure_one_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["link_digest"], condition=~Q(link_digest=""), name="privacy_erasure_one_per_link"
            ),
            models.CheckConstraint(
                condition=~Q(status=ErasureStatus.SCHEDULED) | Q(executes_at__isnull=False),
                name="privacy_erasure_scheduled_for_a_time",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["executes_at"], name="privacy_erasure_due", condition=Q(status__in=OPEN_ERASURES)),
            models.Index(fields=["user_id", "-id"], name="privacy_erasure_of"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.id}"


class ErasureStep(models.Model):
    """One part of an erasure: a collection of one app, or a word to somebody outside."""

    erasure = models.ForeignKey(Erasure, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=choices_of(StepKind))
    name = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=choices_of(StepStatus), default=StepStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    evidence = models.JSONField(default=dict)
    error = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["erasure", "position"], name="privacy_step_one_per_position"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"


class Tombstone(models.Model):
    """That somebody was erased, by a keyed digest of their id: enough to erase them again after a restore."""

    digest = models.CharField(primary_key=True, max_length=64)
    erased_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.digest[:12]


class ConsentEntry(models.Model):
    """What somebody said about a purpose, and which text they saw. Appended to; the latest entry counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField()
    purpose = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    text_digest = models.CharField(max_length=64)
    given = models.BooleanField()
    source = models.CharField(max_length=10, choices=choices_of(Source))
    device_id = models.UUIDField(null=True, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "consent entries"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user_id", "purpose", "-id"], name="privacy_consent_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} v{self.version}: {'given' if self.given else 'withdrawn'}"


class OptedOutAddress(models.Model):
    """An address whose owner wants nothing sold or shared, with an account or without; kept as a keyed digest."""

    digest = models.CharField(primary_key=True, max_length=64)
    opted_out_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "opted-out addresses"

    def __str__(self) -> str:
        return self.digest[:12]


class PrivacyRequest(BaseModel):
    """A request under privacy law, with the days by which it must be confirmed and answered.

    `contact` is a sealed address, where there is no account to write to.
    """

    kind = models.CharField(max_length=20, choices=choices_of(RequestKind))
    status = models.CharField(max_length=10, choices=choices_of(RequestStatus), default=RequestStatus.OPEN)
    source = models.CharField(max_length=10, choices=choices_of(Source))
    user_id = models.UUIDField(null=True, blank=True)
    contact = models.BinaryField(default=bytes)
    message = models.TextField(blank=True)
    outcome = models.CharField(max_length=500, blank=True)
    confirm_by = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(status=RequestStatus.OPEN, closed_at__isnull=True)
                | (~Q(status=RequestStatus.OPEN) & Q(closed_at__isnull=False)),
                name="privacy_request_closed_or_open",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="privacy_request_due", condition=Q(status=RequestStatus.OPEN)),
            models.Index(fields=["user_id", "-id"], name="privacy_request_of"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class AgeingProgress(models.Model):
    """Up to which moment a rule for old rows has been carried out."""

    rule = models.CharField(primary_key=True, max_length=60)
    reached = models.DateTimeField()
    ran_at = models.DateTimeField()
    rows = models.PositiveBigIntegerField(default=0)  # since the rule exists

    class Meta:
        verbose_name_plural = "ageing progress"

    def __str__(self) -> str:
        return f"{self.rule} until {self.reached:%Y-%m-%d %H:%M}"
