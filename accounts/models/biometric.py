"""Keys that devices hold behind a finger or a face."""

from django.db import models

from accounts.models.devices import Device
from accounts.models.people import User
from core.db.models import BaseModel


class BiometricKey(BaseModel):
    """The public half of a device's own P-256 key, which signs only after its owner has unlocked it.

    A device has one; enrolling again replaces it. It counts while the account's `security_version` is the one it was
    enrolled under, so whatever ends all tokens of an account ends these keys too.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="biometric_keys")
    device = models.OneToOneField(Device, models.CASCADE, related_name="biometric_key")
    public_key = models.BinaryField()  # DER, SubjectPublicKeyInfo (RFC 5480)
    security_version = models.PositiveIntegerField()
    failed_tries = models.PositiveSmallIntegerField(default=0)  # in a row
    locked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "accounts_biometrickey"

    def __str__(self) -> str:
        return f"key of {self.device_id}"
