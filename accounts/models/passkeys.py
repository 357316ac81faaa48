"""Passkeys: WebAuthn credentials that people sign in with."""

from django.db import models

from accounts.models.people import User
from core.db.models import BaseModel

# A credential id has 1023 bytes at most (WebAuthn, section 4), which are 1364 letters of base64url.
MAX_ID_LENGTH = 1364


class Passkey(BaseModel):
    """The public half of a key pair that an authenticator of the user's holds."""

    user = models.ForeignKey(User, models.CASCADE, related_name="passkeys")
    credential_id = models.CharField(max_length=MAX_ID_LENGTH, unique=True)  # base64url, as clients write it
    public_key = models.BinaryField()  # a COSE key (RFC 9052)
    sign_count = models.PositiveBigIntegerField()  # 0 for ever where the authenticator does not count
    aaguid = models.UUIDField()  # the make of the authenticator
    transports = models.JSONField(default=list)
    name = models.CharField(max_length=100)
    is_backup_eligible = models.BooleanField()  # may leave the device, through its maker's cloud
    is_backed_up = models.BooleanField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "accounts_passkey"

    def __str__(self) -> str:
        return self.name
