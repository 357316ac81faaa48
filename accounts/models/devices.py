"""Devices that people signed in from."""

from django.db import models

from accounts.managers import DeviceQuerySet
from accounts.models.people import User
from accounts.types import Platform
from core.db.models import BaseModel, choices_of
from core.http.access import Assurance


class Device(BaseModel):
    """An installation somebody signed in from. Of the fingerprint only a keyed digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    platform = models.CharField(max_length=10, choices=choices_of(Platform))
    name = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=100, blank=True)
    os_version = models.CharField(max_length=50, blank=True)
    app_version = models.CharField(max_length=50, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    assurance = models.PositiveSmallIntegerField(choices=choices_of(Assurance), default=Assurance.NONE, editable=False)
    assured_until = models.DateTimeField(null=True, blank=True, editable=False)  # evidence grows old
    last_seen_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    live_sessions: int | None = None  # of its owner, where a query has counted them
    # Where a query for a sign-in has asked:
    is_of_one_key: bool | None = None
    is_in_use: bool | None = None
    has_another_key: bool | None = None
    is_of_known_agent: bool | None = None

    objects = DeviceQuerySet.as_manager()

    class Meta:
        db_table = "accounts_device"
        indexes = [
            models.Index(fields=["last_seen_at"], name="devices_by_use"),
            models.Index(
                fields=["assured_until"], name="devices_assured", condition=models.Q(assured_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.platform
