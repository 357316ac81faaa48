"""What can be wrong with a report or a block."""

from core.errors import Conflict, Forbidden, Invalid


class OwnSubject(Invalid):
    code = "own_subject"
    detail = "This is your own. Change or delete it yourself."


class OwnBlock(Invalid):
    code = "own_block"
    detail = "You cannot block yourself."


class InvalidReportState(Conflict):
    code = "invalid_state"
    detail = "This report has been decided."


class NothingToRemove(Conflict):
    code = "nothing_to_remove"
    detail = "Nothing can be done about subjects of this type. Dismiss the report, with a reason."


class OwnReport(Forbidden):
    code = "own_report"
    detail = "Somebody else has to handle this: you filed it, or it is about you."


class NotYours(Forbidden):
    code = "insufficient_scope"
    detail = "Removing this takes a scope that you do not hold."
