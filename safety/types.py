"""The words of safety."""

from datetime import timedelta
from enum import StrEnum

PROMISE = timedelta(hours=24)  # within which staff decide about a report


class ReportReason(StrEnum):
    SPAM = "spam"
    FRAUD = "fraud"
    HARASSMENT = "harassment"
    HATE = "hate"
    SEXUAL = "sexual"
    VIOLENCE = "violence"
    ILLEGAL = "illegal"
    IMPERSONATION = "impersonation"
    INTELLECTUAL_PROPERTY = "intellectual_property"
    OTHER = "other"


class ReportStatus(StrEnum):
    OPEN = "open"
    IN_REVIEW = "in_review"
    ACTIONED = "actioned"
    DISMISSED = "dismissed"


WAITING = (ReportStatus.OPEN, ReportStatus.IN_REVIEW)
