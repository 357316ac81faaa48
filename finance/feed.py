"""Whose change feed tells of money: their workspace's."""

from core.contributions.feed import tracked
from finance.models import Account, Posting

tracked(Account, "finance_accounts", w="workspace")
tracked(Posting, "finance_postings", w="workspace")
