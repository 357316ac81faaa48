"""What can be wrong with a wish about mentoring."""

from core.errors import Conflict, Forbidden, Invalid


class SlotTaken(Conflict):
    code = "slot_taken"
    detail = "This time has just been taken. Choose another."


class DayFull(SlotTaken):
    """The mentor takes no more sessions on that day. For a client, the slot is gone like any other."""

    detail = "The mentor takes no more sessions on this day."


class MenteeBusy(SlotTaken):
    detail = "You have another session at this time."


class OutsideAvailability(Invalid):
    """`reason` is `hours`, `notice` or `horizon`: not then, not so soon, not so far ahead."""

    code = "outside_availability"
    detail = "The mentor has no time then."


class CancellationWindowClosed(Conflict):
    """`cancellable_until` says when it closed."""

    code = "cancellation_window_closed"
    detail = "Sessions can be cancelled or moved until 6 hours before they start."


class InvalidState(Conflict):
    code = "invalid_state"
    detail = "This is not possible any more."


class NotYourPart(Forbidden):
    code = "not_your_part"
    detail = "The other side of the session decides this."


class AlreadyApplied(Conflict):
    code = "already_applied"
    detail = "You have applied already."


class OwnApplication(Forbidden):
    code = "own_application"
    detail = "Nobody decides whether they mentor themselves. Ask a colleague."
