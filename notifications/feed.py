"""Whose change feed tells of notifications: their reader's."""

from core.contributions.feed import tracked
from notifications.models import Notification

tracked(Notification, "notifications", u="user")
