"""What can be wrong with a wish about the calendar."""

from core.errors import Conflict, Forbidden, Invalid, PayloadTooLarge


class InvalidTransition(Conflict):
    code = "invalid_transition"
    detail = "An event with this status cannot get that one."


class ManagedElsewhere(Conflict):
    """`related_entity_type` and `related_entity_id` say what is to be changed instead."""

    code = "managed_elsewhere"
    detail = "This event stands for a meeting that is arranged elsewhere. Change the meeting itself."


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
    detail = "Calendar files may have up to 5 MB, 5,000 events and 150,000 lines."


class CalendarChanged(Conflict):
    code = "calendar_changed"
    detail = "The calendar changed while the file was read. Send it again."


class AlreadyShared(Conflict):
    code = "already_shared"
    detail = "You have offered your calendar to this address before."


class TooManyShares(Conflict):
    code = "too_many_shares"
    detail = "Your calendar is shared with as many people as it can be."


class AddressNotConfirmed(Forbidden):
    code = "address_not_confirmed"
    detail = "Confirm your e-mail address first."
