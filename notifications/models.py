"""The inbox, what left it by which channel, what its reader wants, and where apps are reached."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.contributions.notices import Category, Channel
from core.db.models import BaseModel, choices_of
from notifications.managers import DeliveryQuerySet, NotificationQuerySet, RegistrationQuerySet
from notifications.types import DeliveryStatus, Platform, QuietHours, Wishes

MAX_TITLE, MAX_MESSAGE = 200, 1000


class Notification(BaseModel):
    """One thing that one person was told. An event is told to each of its recipients once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    event_id = models.UUIDField(null=True, blank=True, editable=False)
    type = models.CharField(max_length=100)
    category = models.CharField(max_length=20, choices=choices_of(Category))
    title = models.CharField(max_length=MAX_TITLE)
    message = models.CharField(max_length=MAX_MESSAGE)
    metadata = models.JSONField(default=dict, blank=True)
    deep_link = models.CharField(max_length=300, blank=True)  # below /l/
    urgent = models.BooleanField(default=False)
    useful_until = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-id"], name="notification_of_user"),
            models.Index(fields=["user", "-id"], name="notification_unread", condition=Q(read_at=None)),
            models.Index(fields=["created_at"], name="notification_age"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["event_id", "user"], name="notification_once_per_recipient"),
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(BaseModel):
    """A notification on its way by one channel. `began_at` is when it was last tried."""

    notification = models.ForeignKey(Notification, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=choices_of(Channel))
    status = models.CharField(max_length=12, choices=choices_of(DeliveryStatus), default=DeliveryStatus.PENDING)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at", "id"], name="notification_delivery_due", condition=Q(status="pending")),
            models.Index(
                fields=["channel", "began_at"], name="notification_delivery_begun", condition=Q(began_at__isnull=False)
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["notification", "channel"], name="notification_delivery_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.notification_id}: {self.status}"


class Preferences(BaseModel):
    """What somebody wants to be told; without a row, everything, at any time."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    choices = models.JSONField(default=dict, blank=True)  # category -> channel -> whether
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    quiet_zone = models.CharField(max_length=64, blank=True)
    max_per_day = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "preferences"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None, quiet_zone="")
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_zone="")),
                name="notification_quiet_hours_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"What {self.user_id} wants to be told"

    @property
    def wishes(self) -> Wishes:
        quiet = None
        if self.quiet_from is not None and self.quiet_until is not None:
            quiet = QuietHours(self.quiet_from, self.quiet_until, ZoneInfo(self.quiet_zone))
        return Wishes(self.choices, quiet, self.max_per_day)


class PushRegistration(BaseModel):
    """Where the app on one device is pushed to: a row of django-push-notifications, bound to the device."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    device = models.OneToOneField("accounts.Device", models.CASCADE, related_name="+")
    platform = models.CharField(max_length=10, choices=choices_of(Platform))
    fcm = models.OneToOneField("push_notifications.GCMDevice", models.CASCADE, null=True, blank=True, related_name="+")
    apns = models.OneToOneField(
        "push_notifications.APNSDevice", models.CASCADE, null=True, blank=True, related_name="+"
    )

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(fcm__isnull=True, apns__isnull=False) | Q(fcm__isnull=False, apns__isnull=True),
                name="notification_one_push_service",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform} of {self.user_id}"
