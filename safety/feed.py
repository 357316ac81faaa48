"""Whose change feed tells of safety: the reporter's of reports, and that of both sides of a block.

What is kept for somebody under a version that names both collections of blocks outlives no block.
"""

from core.contributions.feed import tracked
from safety.models import Block, Report

REPORTS, BLOCKS, BLOCKED_BY = "reports", "blocks", "blocked_by"

tracked(Report, REPORTS, u="reporter")
tracked(Block, BLOCKS, u="blocker")
tracked(Block, BLOCKED_BY, u="blocked")
