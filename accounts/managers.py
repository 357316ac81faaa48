"""Chainable querysets of identities and their sessions."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models.functions import Coalesce, Least
from django.db.models.lookups import LessThan
from django.utils import timezone

from accounts.addresses import canonical
from core.errors import Invalid

if TYPE_CHECKING:
    from accounts.models import User


# When a session is over, whatever ends it first; there is an index of it.
OVER_AT = Least(Coalesce("revoked_at", "expires_at"), "idle_expires_at", "expires_at")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        try:
            return self.get(email=canonical(username or ""))
        except Invalid as error:  # Django's sign-in of staff knows one way of not finding somebody
            raise self.model.DoesNotExist from error

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """What `manage.py createsuperuser` calls."""
        user = self.model(email=canonical(email), is_staff=True, is_superuser=True, **fields)
        user.set_password(password)
        user.save()
        return user


class DeviceQuerySet(models.QuerySet[Any]):
    def of(self, user_id: UUID) -> Self:
        return self.filter(user_id=user_id, revoked_at=None)


class DeviceSessionQuerySet(models.QuerySet[Any]):
    def of(self, user_id: UUID) -> Self:
        return self.filter(user_id=user_id)

    def live(self, now: datetime | None = None) -> Self:
        now = now or timezone.now()
        return self.filter(revoked_at=None, expires_at__gt=now, idle_expires_at__gt=now)

    def over_before(self, moment: datetime) -> Self:
        return self.filter(LessThan(OVER_AT, moment))


class SocialIdentityQuerySet(models.QuerySet[Any]):
    def of(self, user_id: UUID) -> Self:
        return self.filter(user_id=user_id, revoked_at=None)

    def known_as(self, provider: str, subject: str) -> Self:
        return self.filter(provider=provider, subject=subject, revoked_at=None)
