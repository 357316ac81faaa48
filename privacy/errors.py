"""What can go wrong with privacy."""

from core.errors import BadRequest, Conflict, Gone, NotFound


class NothingToCancel(NotFound):
    code = "no_deletion"
    detail = "No deletion of this account is planned."


class DeletionUnderWay(Conflict):
    code = "deletion_under_way"
    detail = "The deletion has begun and cannot be stopped any more."


class PrivacyLinkInvalid(BadRequest):
    code = "invalid_link"
    detail = "This link is not valid any more. Ask for a new one."


class ExportNotReady(Conflict):
    code = "export_not_ready"
    detail = "The export is still being made."


class ExportGone(Gone):
    code = "export_gone"
    detail = "This export was downloaded or has expired. Ask for a new one."


class UnknownPurpose(NotFound):
    code = "unknown_purpose"
    detail = "Nobody asks for consent to this."


class ConsentTextChanged(Conflict):
    """`current_version` is what is asked now; show it, then try again."""

    code = "consent_text_changed"
    detail = "The text has changed since it was shown."
