"""Changes that take their time: of an address, until both mailboxes have had their say, and recoveries."""

from django.db import models

from accounts.models.people import User
from core.db.models import BaseModel


class EmailChange(BaseModel):
    """A change of address, confirmed from the new mailbox and for some days revertible from the old one.

    Of the links only digests are kept: of the one that confirms, then of the one that reverts.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="email_changes")
    old_email = models.EmailField(max_length=254, db_index=True)
    new_email = models.EmailField(max_length=254)
    session_id = models.UUIDField()  # that asked for it and may go on
    security_version = models.PositiveIntegerField()  # of the user, who has not started over since
    digest = models.CharField(max_length=64, unique=True, null=True, blank=True)
    is_revertible = models.BooleanField(default=False)  # the old address had been confirmed
    confirmed_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_emailchange"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(confirmed_at=None), name="one_email_change_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"new address of {self.user_id}"


class AccountRecovery(BaseModel):
    """Doing without a lost second factor: asked for by mail, then waited for, so that the owner can object.

    `ready_at` is null until the mailed link was followed.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="recovery")
    digest = models.CharField(max_length=64, unique=True)
    cancel_digest = models.CharField(max_length=64, unique=True, null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_accountrecovery"

    def __str__(self) -> str:
        return f"recovery of {self.user_id}"
