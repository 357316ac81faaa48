"""What devices have shown of themselves: keys that Apple vouches for, and signs that something is wrong."""

from django.db import models
from django.db.models import Q

from accounts.models.devices import Device
from core.db.models import BaseModel

SIGNALS = ("jailbroken", "rooted", "hooking", "debugger", "emulator", "tampered")


class AttestationKey(BaseModel):
    """The App Attest key of one installation. Whoever uses it must count up with every signature."""

    device = models.OneToOneField(Device, models.CASCADE, related_name="attestation_key")
    key_id = models.BinaryField(max_length=32, unique=True)  # SHA-256 of the public key
    public_key = models.BinaryField(max_length=65)  # a point of P-256, uncompressed
    counter = models.PositiveBigIntegerField(default=0)
    is_development = models.BooleanField(default=False)
    receipt = models.BinaryField()  # sealed; Apple takes it back for its fraud metric

    class Meta:
        db_table = "accounts_attestationkey"

    def __str__(self) -> str:
        return f"key of {self.device_id}"


class IntegritySignal(BaseModel):
    """What an app found out about its device, at one time. Rows are added and never changed; null was not looked for.

    An app on a device that lies can lie as well, so a good signal is worth nothing, and a bad one is believed.
    """

    device = models.ForeignKey(Device, models.CASCADE, related_name="integrity_signals")
    jailbroken = models.BooleanField(null=True)
    rooted = models.BooleanField(null=True)
    hooking = models.BooleanField(null=True)
    debugger = models.BooleanField(null=True)
    emulator = models.BooleanField(null=True)
    tampered = models.BooleanField(null=True)

    class Meta:
        db_table = "accounts_integritysignal"
        indexes = [
            models.Index(fields=["device", "created_at"], name="signals_of_device"),
            models.Index(fields=["created_at"], name="signals_by_age"),
        ]
        constraints = [
            models.CheckConstraint(
                name="signal_says_something",
                condition=~Q(**dict.fromkeys((f"{name}__isnull" for name in SIGNALS), True)),
            )
        ]

    def __str__(self) -> str:
        return " ".join(self.bad) or "nothing found"

    @property
    def bad(self) -> list[str]:
        return [name for name in SIGNALS if getattr(self, name)]
