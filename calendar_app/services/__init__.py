"""What can be done to a calendar, one sentence each."""

from calendar_app.services.editing import create_event, delete_event, update_event
from calendar_app.services.following import follow_meeting
from calendar_app.services.importing import import_calendar
from calendar_app.services.progress import cancel_event, complete_event, reopen_event
from calendar_app.services.reminding import send_due_reminders
from calendar_app.services.sharing import accept_share, end_share, end_shares_between, offer_share, revoke_share
from calendar_app.services.subscribing import close_subscription, open_subscription

__all__ = [
    "accept_share",
    "cancel_event",
    "close_subscription",
    "complete_event",
    "create_event",
    "delete_event",
    "end_share",
    "end_shares_between",
    "follow_meeting",
    "import_calendar",
    "offer_share",
    "open_subscription",
    "reopen_event",
    "revoke_share",
    "send_due_reminders",
    "update_event",
]
