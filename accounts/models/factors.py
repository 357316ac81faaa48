"""Second factors: an authenticator app, and the codes for when it is lost."""

from django.db import models

from accounts.models.people import User
from core.db.models import BaseModel


class TotpFactor(BaseModel):
    """The authenticator app of one person (RFC 6238). It is stored once a first code has shown that it works."""

    user = models.OneToOneField(User, models.CASCADE, related_name="totp")
    seed = models.BinaryField()  # sealed
    last_step = models.PositiveBigIntegerField()  # of 30 seconds each; a code of it or before is spent

    class Meta:
        db_table = "accounts_totpfactor"

    def __str__(self) -> str:
        return f"authenticator of {self.user_id}"


class RecoveryCode(models.Model):
    """A code that stands in for the second factor, once. Only its digest is kept, and only until it is used."""

    digest = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "accounts_recoverycode"

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"
