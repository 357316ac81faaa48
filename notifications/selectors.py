"""Reading the inbox, and what its reader wants."""

from datetime import timedelta

from django.utils import timezone

from access.types import Principal
from core.db.versions import DataVersion
from events.selectors import data_version
from notifications.managers import NotificationQuerySet, RegistrationQuerySet
from notifications.models import Delivery, Notification, Preferences, PushRegistration
from notifications.types import Wishes

COLLECTION = "notifications"
OVERDUE_AFTER = timedelta(minutes=5)


def inbox_version(principal: Principal) -> DataVersion:
    """What changes whenever the caller's inbox does."""
    return data_version(scopes=[f"u:{principal.user_id}"], collections=[COLLECTION])


def list_notifications(principal: Principal) -> NotificationQuerySet:
    notifications: NotificationQuerySet = Notification.objects.visible_to(principal)
    return notifications


def count_unread(principal: Principal) -> int:
    """Exact, from an index that holds nothing else."""
    return list_notifications(principal).unread().count()


def get_wishes(principal: Principal) -> Wishes:
    found = Preferences.objects.filter(user_id=principal.user_id).first()
    return found.wishes if found else Wishes()


def list_registrations(principal: Principal) -> RegistrationQuerySet:
    registrations: RegistrationQuerySet = PushRegistration.objects.visible_to(principal)
    return registrations


def overdue() -> int:
    return Delivery.objects.due(timezone.now() - OVERDUE_AFTER).count()
