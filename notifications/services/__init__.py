"""Telling people what happened, by inbox and mail, and keeping what they read and want."""

from notifications.services.mailing import send_due
from notifications.services.pushing import forget_device, register_token, remove_token
from notifications.services.reading import mark_all_read, mark_read
from notifications.services.telling import forget_words, tell
from notifications.services.wishing import change_wishes

__all__ = [
    "change_wishes",
    "forget_device",
    "forget_words",
    "mark_all_read",
    "mark_read",
    "register_token",
    "remove_token",
    "send_due",
    "tell",
]
