"""What somebody is asked to prove, once: by a mailed link, a code, a signature."""

from django.db import models

from accounts.models.devices import Device
from accounts.models.people import User
from accounts.types import ChallengePurpose, Purpose
from core.db.models import BaseModel, choices_of


class MailedToken(models.Model):
    """A link sent by mail, good for one purpose, once. Only its digest is kept."""

    digest = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20, choices=choices_of(Purpose))
    email = models.EmailField(max_length=254)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "accounts_mailedtoken"
        indexes = [models.Index(fields=["expires_at"], name="mailed_tokens_by_end")]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.user_id}"


class Challenge(BaseModel):
    """Something to be answered once, within minutes. Whoever answers names it by a secret kept here as a digest.

    `data` holds what the purpose needs to judge the answer and to go on; nothing in it may be usable by a reader.
    """

    purpose = models.CharField(max_length=30, choices=choices_of(ChallengePurpose))
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+")
    device = models.ForeignKey(Device, models.CASCADE, null=True, blank=True, related_name="+")
    data = models.JSONField(default=dict)
    tries_left = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_challenge"

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"
