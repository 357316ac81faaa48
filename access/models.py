"""Roles, scopes and the audit trail.

A role is a Django group and a scope a Django permission, so the staff screens edit them natively. Rows name
people by plain ids: the trail outlives those it tells of.
"""

from typing import ClassVar

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.utils import timezone

from access.managers import ScopeManager
from core.db.ids import uuid7


class Role(Group):
    """A group seen as what it is here. Members are `user.groups`."""

    class Meta:
        proxy = True


class Scope(Permission):
    """A permission whose codename is a scope, such as `calendar:view`."""

    objects: ClassVar = ScopeManager()  # type: ignore[assignment]

    class Meta:
        proxy = True
        default_permissions = ()


class AuditEntry(models.Model):
    """One thing that happened, worth remembering. Written once: the database refuses changes."""

    class Outcome(models.TextChoices):
        SUCCESS = "success"
        FAILURE = "failure"
        DENIED = "denied"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recorded_at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=64)
    category = models.CharField(max_length=20)
    outcome = models.CharField(max_length=10, choices=Outcome)
    user_id = models.UUIDField(null=True)
    target_type = models.CharField(max_length=32, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    session_id = models.UUIDField(null=True)
    device_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=20)
    ip = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=512, blank=True)
    trace_id = models.CharField(max_length=32)
    decision_id = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit entries"
        default_permissions = ("view",)
        indexes = (
            models.Index(fields=["user_id", "-id"], name="access_audit_user"),
            models.Index(fields=["target_type", "target_id", "-id"], name="access_audit_target"),
            models.Index(fields=["decision_id"], condition=~models.Q(decision_id=""), name="access_audit_decision"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.outcome}"


class AuditSeal(models.Model):
    """The place of one entry in the hash chain, given in the order of sealing."""

    position = models.PositiveBigIntegerField(primary_key=True)
    entry_id = models.UUIDField(unique=True)
    digest = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.position}:{bytes(self.digest).hex()}"
