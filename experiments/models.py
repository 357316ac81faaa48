"""What staff have set of flags. Not here: which flags there are; apps declare them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.db.models import BaseModel, choices_of
from experiments.types import State


class FeatureFlag(BaseModel):
    """One declared flag; `experiments.types.Setting` tells what the columns mean. Flags of former releases stay."""

    name = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(max_length=8, choices=choices_of(State), default=State.DECLARED)
    rollout = models.PositiveSmallIntegerField(default=100)  # percent
    roles = models.JSONField(default=list, blank=True)
    platforms = models.JSONField(default=list, blank=True)
    since = models.CharField(max_length=16, blank=True)
    before = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(rollout__lte=100), name="experiments_rollout_is_percent"),
            models.CheckConstraint(condition=Q(state__in=list(State)), name="experiments_flag_state_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class FlagException(BaseModel):
    """A person or a workspace for whom a flag that is on is always on, or always off."""

    flag = models.ForeignKey(FeatureFlag, models.CASCADE, related_name="exceptions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    workspace = models.ForeignKey("accounts.Workspace", models.CASCADE, null=True, blank=True, related_name="+")
    is_on = models.BooleanField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(user__isnull=True) ^ Q(workspace__isnull=True), name="experiments_exception_of_one"
            ),
            models.UniqueConstraint(fields=["flag", "user"], name="experiments_exception_once_per_user"),
            models.UniqueConstraint(fields=["flag", "workspace"], name="experiments_exception_once_per_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.flag_id}: {self.user_id or self.workspace_id} {'on' if self.is_on else 'off'}"
