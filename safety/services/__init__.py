"""What can be done for safety, one sentence each."""

from safety.services.blocking import block_user, unblock_user
from safety.services.deciding import act_on_report, dismiss_report, take_report
from safety.services.forgetting import forget_blocks, forget_reports
from safety.services.reporting import file_report

__all__ = [
    "act_on_report",
    "block_user",
    "dismiss_report",
    "file_report",
    "forget_blocks",
    "forget_reports",
    "take_report",
    "unblock_user",
]
