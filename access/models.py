"""Roles, scopes and the audit trail.

A role is a Django group and a scope a Django permission, so the staff screens edit them natively. Rows name
people by plain ids: the trail outlives those it tells of.
"""

from typing import Any, ClassVar

from django.contrib.auth.models import Group, Permission
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from access.managers import AccessRequestQuerySet, RoleManager, ScopeManager
from core.db.ids import uuid7
from core.db.models import BaseModel


class Role(Group):
    """A group seen as what it is here. Members are `user.groups`."""

    is_staff: bool  # told by `with_staff_powers()`

    objects: ClassVar = RoleManager()

    class Meta:
        proxy = True


class Scope(Permission):
    """A permission whose codename is a scope, such as `calendar:view`."""

    objects: ClassVar = ScopeManager()  # type: ignore[assignment]

    class Meta:
        proxy = True
        default_permissions = ()


class AccessRequest(BaseModel):
    """Staff powers that one admin asks for and another approves: a role for somebody, or more scopes for a role."""

    class Kind(models.TextChoices):
        GRANT = "grant", "give a role"
        WIDEN = "widen", "widen a role"

    class Status(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"

    kind = models.CharField(max_length=10, choices=Kind)
    role = models.CharField(max_length=150)
    user_id = models.UUIDField(null=True)
    scopes = models.JSONField(default=list)
    reason = models.CharField(max_length=200)
    newest_member = models.BigIntegerField(default=0)  # the key of the role's latest membership when it was asked
    requested_by = models.UUIDField()
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    objects: ClassVar[Any] = AccessRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "request for staff powers"
        verbose_name_plural = "requests for staff powers"
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | (~Q(decided_by=F("requested_by")) & (Q(user_id=None) | ~Q(decided_by=F("user_id")))),
                name="access_request_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["approved", "rejected"], decided_by__isnull=False, decided_at__isnull=False)
                | Q(status__in=["withdrawn", "expired"], decided_by=None, decided_at__isnull=False)
                | Q(status="waiting", decided_by=None, decided_at=None),
                name="access_request_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(kind="grant", user_id__isnull=False) | Q(kind="widen", user_id=None),
                name="access_request_kind",
            ),
            models.UniqueConstraint(
                fields=["role", "user_id"],
                condition=Q(status="waiting"),
                nulls_distinct=False,
                name="access_request_asked_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.role}"


class AuditEntry(models.Model):
    """One thing that happened, worth remembering. Written once: the database lets nothing happen to it but blanking."""

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
    # What binds the entry to the columns that may be blanked later; see `commitments.py`.
    origin_salt = models.BinaryField(max_length=16, default=bytes)
    origin_digest = models.BinaryField(max_length=32, default=bytes)
    facts_salt = models.BinaryField(max_length=16, default=bytes)
    facts_digest = models.BinaryField(max_length=32, default=bytes)

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
