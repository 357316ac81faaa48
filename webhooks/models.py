"""Endpoints of integrators, what is to be delivered to them, and how each attempt went."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.db.models import BaseModel, choices_of
from webhooks.managers import EndpointQuerySet, SendingQuerySet
from webhooks.types import DeliveryStatus, DisabledReason, EndpointStatus


class Endpoint(BaseModel):
    """Where a workspace has its events sent to; one without a workspace gets those of the whole platform.

    `failing_since` is the first failure after the last success. Until `paused_until` it asked to be left alone.
    """

    workspace = models.ForeignKey("accounts.Workspace", models.CASCADE, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    url = models.CharField(max_length=2048)
    description = models.CharField(max_length=200, blank=True)
    events = models.JSONField()  # names of public events, sorted
    sealed_secret = models.BinaryField()
    sealed_former_secret = models.BinaryField(null=True, blank=True)
    former_secret_until = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=choices_of(EndpointStatus), default=EndpointStatus.ACTIVE)
    disabled_reason = models.CharField(max_length=10, choices=choices_of(DisabledReason), blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)

    objects = EndpointQuerySet.as_manager()

    secret: str  # in clear, on the instance that a service has just made it for

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["workspace", "-id"], name="webhooks_endpoint_of_workspace"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(status="active", disabled_at=None, disabled_reason="")
                | (Q(status="disabled", disabled_at__isnull=False) & ~Q(disabled_reason="")),
                name="webhooks_endpoint_disabled_why",
            ),
            models.CheckConstraint(
                condition=Q(sealed_former_secret__isnull=True) | Q(former_secret_until__isnull=False),
                name="webhooks_endpoint_former_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class Delivery(BaseModel):
    """One event on its way to one endpoint, with the very bytes that are sent.

    `attempts` counts those since the first, or the last replay; `fence` counts all and never goes back. Until
    `leased_until` somebody is sending it. `subject_id` is the person whom the event is about, if it is.
    """

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    event_id = models.UUIDField()
    event_name = models.CharField(max_length=100)
    subject_id = models.UUIDField(null=True, blank=True)
    body = models.TextField()
    channel = models.CharField(max_length=20)
    trace_id = models.CharField(max_length=32)
    status = models.CharField(max_length=10, choices=choices_of(DeliveryStatus), default=DeliveryStatus.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    objects = SendingQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["endpoint", "due_at"], name="webhooks_delivery_due", condition=Q(status="pending")),
            models.Index(fields=["endpoint", "-id"], name="webhooks_delivery_of_endpoint"),
            models.Index(fields=["created_at"], name="webhooks_delivery_age"),
            models.Index(fields=["subject_id"], name="webhooks_delivery_subject"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="webhooks_delivery_once"),
            models.CheckConstraint(
                condition=Q(status="pending", finished_at=None)
                | (~Q(status="pending") & Q(finished_at__isnull=False, leased_until=None)),
                name="webhooks_delivery_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_name} {self.event_id}"


class Attempt(models.Model):
    """How one attempt went. The newest of each delivery are kept."""

    id = BaseModel._meta.get_field("id").clone()
    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="log")
    number = models.PositiveIntegerField()
    ended_at = models.DateTimeField(default=timezone.now)
    latency_ms = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)
    response = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["delivery", "number"], name="webhooks_attempt_numbered"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.status_code or self.error}"
