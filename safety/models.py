"""The tables of safety: what people report, and whom they block."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.db.models import BaseModel, choices_of
from safety.managers import BlockQuerySet, ReportQuerySet
from safety.types import WAITING, ReportReason, ReportStatus

MAX_MESSAGE = 2_000  # characters

_WAITING = Q(status__in=[status.value for status in WAITING])


class Report(BaseModel):
    """What somebody reported, with its owner and title as they were then.

    `decision` is what the reporter, and the owner of what was removed, are told.
    """

    # No indexes of their own where a composite one begins with them.
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="+")
    subject_type = models.CharField(max_length=32)
    subject_id = models.UUIDField()
    subject_owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    subject_title = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=24, choices=choices_of(ReportReason))
    message = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=choices_of(ReportStatus), default=ReportStatus.OPEN)
    reviewer_id = models.UUIDField(null=True, blank=True)  # the member of staff who took it, or decided
    decision = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["reporter", "subject_type", "subject_id"], condition=_WAITING, name="safety_report_once_open"
            ),
            models.CheckConstraint(
                condition=(_WAITING & Q(decided_at=None)) | (~_WAITING & Q(decided_at__isnull=False)),
                name="safety_report_decided",
            ),
            models.CheckConstraint(condition=~Q(reporter=F("subject_owner")), name="safety_report_of_others"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["created_at", "id"], name="safety_report_queue", condition=_WAITING),
            models.Index(fields=["reporter", "-id"], name="safety_report_own"),
            models.Index(fields=["subject_type", "subject_id"], name="safety_report_subject"),
            models.Index(fields=["decided_at"], name="safety_report_age", condition=Q(decided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.reason}: {self.subject_type} {self.subject_title or self.subject_id}"


class Block(BaseModel):
    """Somebody who wants nothing to do with somebody else. It works both ways, and only the first can end it."""

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="+")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="+")

    objects = BlockQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="safety_block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="safety_block_of_others"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["blocked", "blocker"], name="safety_block_of_blocked"),
            models.Index(fields=["blocker", "-id"], name="safety_block_own"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"
