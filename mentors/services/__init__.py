"""What can be done about mentoring, one sentence each."""

from mentors.services.applying import apply_as_mentor, update_profile
from mentors.services.approving import approve_mentor, reject_mentor, suspend_mentor
from mentors.services.booking import book_session, reschedule_session
from mentors.services.hours import (
    add_exception,
    add_rule,
    change_exception,
    change_rule,
    remove_exception,
    remove_rule,
)
from mentors.services.leaving import leave
from mentors.services.progress import (
    approve_session,
    cancel_session,
    complete_session,
    decline_session,
    expire_sessions,
)
from mentors.services.withholding import follow_standing

__all__ = [
    "add_exception",
    "add_rule",
    "apply_as_mentor",
    "approve_mentor",
    "approve_session",
    "book_session",
    "cancel_session",
    "change_exception",
    "change_rule",
    "complete_session",
    "decline_session",
    "expire_sessions",
    "follow_standing",
    "leave",
    "reject_mentor",
    "remove_exception",
    "remove_rule",
    "reschedule_session",
    "suspend_mentor",
    "update_profile",
]
