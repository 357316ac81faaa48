"""What can be wrong with a wish about the calendar."""

from core.errors import Conflict, Invalid, PayloadTooLarge


class InvalidTransition(Conflict):
    code = "invalid_transition"
    detail = "An event with this status cannot get that one."


class InvalidRecurrence(Invalid):
    code = "invalid_recurrence"
    detail = "The recurrence rule is not acceptable."


class WindowTooLarge(Invalid):
    code = "window_too_large"
    detail = "Ask for a shorter time."


class InvalidCalendarFile(Invalid):
    code = "invalid_calendar_file"
    detail = "This is not an iCalendar file."


class CalendarFileTooLarge(PayloadTooLarge):
    detail = "Calendar files may have up to 5 MB and 5,000 events."


class CalendarChanged(Conflict):
    code = "calendar_changed"
    detail = "The calendar changed while the file was read. Send it again."
