"""The personal data of safety."""

from datetime import timedelta

from core.contributions.privacy import Ageing, Basis, Category, Perform, data, personal
from safety import services
from safety.models import Block, Report

KEPT = "That something was reported, and what was decided, without its words; it names nobody who has left."
YEAR = timedelta(days=365)

personal(
    Report,
    "reports",
    of="reporter",
    purpose="Protect people from what others report, and answer for what was decided.",
    basis=Basis.LEGAL_OBLIGATION,
    retention="a year after the decision",
    erase=Perform(services.forget_reports, kept=KEPT, until="a year after the decision"),
    withheld={
        "subject_owner": "Whose it is, the reporter was not told.",
        "reviewer_id": "Which member of staff decided is not the reporter's to know.",
    },
    data=[
        data(Category.IDENTITY, "reporter subject_owner reviewer_id"),
        data(Category.CONTENT, "subject_title message decision"),
        data(Category.ACTIVITY, "subject_type subject_id reason status decided_at"),
    ],
    ageing=(Ageing("safety.reports", after=YEAR, since="decided_at"),),
)
personal(
    Block,
    "blocks",
    of="blocker",
    purpose="Keep the person and those apart whom they do not want to meet.",
    basis=Basis.CONTRACT,
    retention="until the person ends it, or either account is deleted",
    erase=Perform(services.forget_blocks),
    data=[data(Category.IDENTITY, "blocker blocked")],
)
