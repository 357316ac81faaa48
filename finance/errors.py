"""What can be wrong with a movement of money."""

from core.errors import Conflict, Forbidden, Gone, Invalid


class Unbalanced(ValueError):
    """A transaction that creates or destroys money. A fault of the caller's, never of a client's."""


class InsufficientFunds(Conflict):
    code = "insufficient_funds"
    detail = "There is not enough money in this account."


class CurrencyMismatch(Invalid):
    code = "currency_mismatch"
    detail = "The accounts have different currencies."


class NotSpendable(Conflict):
    code = "not_spendable"
    detail = "Money cannot be taken out of this account."


class PayoutsHeld(Conflict):
    """Carries `held_until`."""

    code = "payouts_held"
    detail = "Nothing can be paid out for a day after an account was recovered or its address changed."


class InvalidPayoutState(Conflict):
    code = "invalid_state"
    detail = "This payout has ended already."


class RefundTooLarge(Conflict):
    code = "refund_too_large"
    detail = "More would be given back than was paid."


class OwnAccount(Forbidden):
    code = "own_account"
    detail = "Nobody decides about money of their own. Ask a colleague."


class StillClaimed(Conflict):
    code = "still_claimed"
    detail = "Nothing is left in this account, or there is somebody left whose it is."


class AdjustmentDiffers(Conflict):
    code = "adjustment_differs"
    detail = "This was posted before, with another amount or reason. Look at it, then begin anew."


class ExportLinkGone(Gone):
    code = "export_link_gone"
    detail = "This link or its file has expired. Read the export again for a new link, or ask for a new export."


class TooManyRows(Invalid):
    """Carries `limit`."""

    code = "too_many_rows"
    detail = "That is more than a file of this format holds."
