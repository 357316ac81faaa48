"""Identity: people, their workspaces, devices and sessions. Not here: what they may do (`access/`)."""

import secrets
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models

from accounts.managers import DeviceQuerySet, DeviceSessionQuerySet, UserManager
from accounts.types import EndReason, Platform, Purpose
from core.db.models import BaseModel
from core.http.access import Audience


def _choices(words: type[Platform | Purpose | EndReason | Audience]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


def new_session_key() -> bytes:
    return secrets.token_bytes(32)


class User(BaseModel, AbstractBaseUser, PermissionsMixin):
    """A person who can sign in, known by an e-mail address kept in its canonical form.

    Raising `security_version` ends every token issued before, whatever else happens to the sessions.
    """

    email = models.EmailField(unique=True, max_length=254)
    full_name = models.CharField(max_length=150, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    locale = models.CharField(max_length=35, default="en")
    timezone = models.CharField(max_length=64, default="UTC")
    security_version = models.PositiveIntegerField(default=1, editable=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.email

    @property
    def is_email_verified(self) -> bool:
        return self.email_verified_at is not None


class Workspace(BaseModel):
    """Where people work together, with the currency its money is shown in. Everybody has one of their own."""

    name = models.CharField(max_length=150)
    currency = models.CharField(max_length=3, default="USD")
    is_personal = models.BooleanField(default=False)
    members = models.ManyToManyField(User, through="Membership", related_name="workspaces")

    class Meta:
        db_table = "accounts_workspace"

    def __str__(self) -> str:
        return self.name


class Membership(BaseModel):
    """One person in one workspace."""

    class Role(models.TextChoices):
        OWNER = "owner"
        ADMIN = "admin"
        MEMBER = "member"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)

    class Meta:
        db_table = "accounts_membership"
        constraints = [models.UniqueConstraint(fields=["user", "workspace"], name="one_membership_per_workspace")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.workspace_id}"


class Device(BaseModel):
    """An installation somebody signed in from. Of the fingerprint only a keyed digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    platform = models.CharField(max_length=10, choices=_choices(Platform))
    name = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=100, blank=True)
    os_version = models.CharField(max_length=50, blank=True)
    app_version = models.CharField(max_length=50, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    last_seen_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        db_table = "accounts_device"

    def __str__(self) -> str:
        return self.name or self.platform


class DeviceSession(BaseModel):
    """One sign-in on one device, and the whole family of tokens that descends from it.

    No token is stored. The current refresh token is derived from `key`, `counter` and `rotated_at` together with a
    pepper that is not in the database, so that a lost answer can be given again and a stolen dump signs nothing.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    device = models.ForeignKey(Device, models.CASCADE, related_name="sessions")
    audience = models.CharField(max_length=30, choices=_choices(Audience))
    amr = models.CharField(max_length=50)  # space separated, RFC 8176
    auth_time = models.DateTimeField()
    security_version = models.PositiveIntegerField()
    key = models.BinaryField(default=new_session_key)
    counter = models.PositiveBigIntegerField(default=0)
    confirmed = models.BooleanField(default=True)  # the client has used what the last rotation gave it
    replays = models.PositiveSmallIntegerField(default=0)
    rotated_at = models.DateTimeField()
    idle_expires_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=512, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=20, choices=_choices(EndReason), blank=True)

    objects = DeviceSessionQuerySet.as_manager()

    class Meta:
        db_table = "accounts_devicesession"
        indexes = [
            models.Index(fields=["user", "rotated_at"], name="live_sessions", condition=models.Q(revoked_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.audience} {self.id}"


class MailedToken(models.Model):
    """A link sent by mail, good for one purpose, once. Only its digest is kept."""

    digest = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20, choices=_choices(Purpose))
    email = models.EmailField(max_length=254)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_mailedtoken"

    def __str__(self) -> str:
        return f"{self.purpose} of {self.user_id}"
