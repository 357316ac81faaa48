"""People who can sign in, and the workspaces they work in."""

from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models

from accounts.managers import UserManager
from core.db.models import BaseModel


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
    second_factor_at = models.DateTimeField(null=True, blank=True, editable=False)  # since when one is asked for
    payouts_held_until = models.DateTimeField(null=True, blank=True, editable=False)  # after a recovery
    security_version = models.PositiveIntegerField(default=1, editable=False)
    is_active = models.BooleanField(default=True)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)  # for good; else inactive is suspended
    is_staff = models.BooleanField(default=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.email

    def get_session_auth_hash(self) -> str:
        """What cookies of the staff site hang on: the password, and that its owner has not started over."""
        return f"{super().get_session_auth_hash()}.{self.security_version}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (f"{former}.{self.security_version}" for former in super().get_session_auth_fallback_hash())

    @property
    def is_email_verified(self) -> bool:
        return self.email_verified_at is not None

    @property
    def has_second_factor(self) -> bool:
        return self.second_factor_at is not None


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
