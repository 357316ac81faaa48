"""Moving money. Each service is one transaction of the ledger, or a change of how a payout stands."""

from finance.services.accounts import open_account, open_first_accounts, rename_account
from finance.services.adjustments import adjust, take_back_adjustment
from finance.services.forgetting import forget_accounts, forget_descriptions, forget_payouts
from finance.services.payments import pay, refund
from finance.services.payouts import cancel_payout, fail_payout, request_payout, settle_payout
from finance.services.transfers import transfer
from finance.services.unclaimed import pay_unclaimed

__all__ = [
    "adjust",
    "cancel_payout",
    "fail_payout",
    "forget_accounts",
    "forget_descriptions",
    "forget_payouts",
    "open_account",
    "open_first_accounts",
    "pay",
    "pay_unclaimed",
    "refund",
    "rename_account",
    "request_payout",
    "settle_payout",
    "take_back_adjustment",
    "transfer",
]
