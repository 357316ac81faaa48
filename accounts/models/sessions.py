"""Device sessions: one row for each sign-in."""

import secrets

from django.db import models

from accounts.managers import OVER_AT, DeviceSessionQuerySet
from accounts.models.devices import Device
from accounts.models.people import User
from accounts.types import EndReason
from core.db.models import BaseModel, choices_of
from core.http.access import Audience


def new_session_key() -> bytes:
    return secrets.token_bytes(32)


class DeviceSession(BaseModel):
    """One sign-in on one device, and the whole family of tokens that descends from it.

    No token is stored. The current refresh token is derived from `key`, `counter` and `rotated_at` together with a
    pepper that is not in the database, so that a lost answer can be given again and a stolen dump signs nothing.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    device = models.ForeignKey(Device, models.CASCADE, related_name="sessions")
    audience = models.CharField(max_length=30, choices=choices_of(Audience))
    amr = models.CharField(max_length=50)  # space separated, RFC 8176
    auth_time = models.DateTimeField()
    proved_at = models.DateTimeField(null=True, blank=True)  # the last proof that counts for step-up
    proof_key = models.CharField(max_length=43, blank=True)  # RFC 9449: the thumbprint its tokens are bound to
    security_version = models.PositiveIntegerField()
    key = models.BinaryField(default=new_session_key)
    counter = models.PositiveBigIntegerField(default=0)
    confirmed = models.BooleanField(default=False)  # the client has used what it was given last
    replays = models.PositiveSmallIntegerField(default=0)
    rotated_at = models.DateTimeField()
    idle_expires_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=512, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=20, choices=choices_of(EndReason), blank=True)

    objects = DeviceSessionQuerySet.as_manager()

    class Meta:
        db_table = "accounts_devicesession"
        indexes = [
            models.Index(fields=["user", "rotated_at"], name="live_sessions", condition=models.Q(revoked_at=None)),
            models.Index(OVER_AT, name="sessions_over"),
            models.Index(fields=["created_at"], name="sessions_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.audience} {self.id}"
