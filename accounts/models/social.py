"""Accounts elsewhere that people sign in with, and what their providers have told us."""

from django.db import models

from accounts.managers import SocialIdentityQuerySet
from accounts.models.people import User
from accounts.types import Provider
from core.db.models import BaseModel, choices_of


class SocialIdentity(BaseModel):
    """Somebody's account at a provider, known by the provider's own name for it and never by its e-mail address.

    Once unlinked a row stays until the provider has been told; then it is deleted.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="identities")
    provider = models.CharField(max_length=10, choices=choices_of(Provider))
    subject = models.CharField(max_length=255)
    client_id = models.CharField(max_length=255, blank=True)  # of ours, which the refresh token was given to
    email = models.CharField(max_length=254, blank=True)  # in lower case
    is_email_verified = models.BooleanField(default=False)
    mail_stopped_at = models.DateTimeField(null=True, blank=True)  # since when Apple forwards none to this address
    refresh_token = models.BinaryField(null=True, blank=True)  # sealed
    last_used_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SocialIdentityQuerySet.as_manager()

    class Meta:
        db_table = "accounts_socialidentity"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "subject"], condition=models.Q(revoked_at=None), name="one_user_per_identity"
            ),
            models.UniqueConstraint(
                fields=["user", "provider"], condition=models.Q(revoked_at=None), name="one_identity_per_provider"
            ),
        ]
        indexes = [
            models.Index(
                fields=["email"], name="addresses_without_mail", condition=models.Q(mail_stopped_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} of {self.user_id}"


class ProviderNotice(models.Model):
    """Something a provider told us, taken to heart once. Whoever asks about it knows its secret, kept as a digest."""

    digest = models.CharField(primary_key=True, max_length=64)
    provider = models.CharField(max_length=10, choices=choices_of(Provider))
    kind = models.CharField(max_length=30)
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_providernotice"

    def __str__(self) -> str:
        return f"{self.kind} from {self.provider}"
