"""What becomes of somebody's accounts, words and bank details when they are erased. Postings stay as they are."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from core.contributions.privacy import NotYet
from core.db.changes import save_changes
from finance.models import Account, Payout, Posting, Transaction
from finance.types import PayoutStatus

BATCH = 500
ANY_ACCOUNT = "Account"


def forget_payouts(user_id: UUID) -> int:
    """Blank where somebody's payouts went; the number of rows. Safe to run again.

    Raises:
        NotYet: one is still on its way, and the bank has to be told where to.
    """
    asked = Payout.objects.filter(requested_by_id=user_id)
    if asked.filter(status=PayoutStatus.PENDING).exists():
        raise NotYet("A payout is still on its way.")
    return asked.update(destination="", sealed_destination=b"", rev=F("rev") + 1, updated_at=timezone.now())


def forget_accounts(user_id: UUID) -> int:
    """Blank what somebody called their accounts; the number of rows. Safe to run again.

    Each that nobody else sees is put down to the id that stands for them: who worked where is forgotten soon, and by
    that id finance staff find what is left in it. What guests see goes on to be theirs, too.
    """
    own = Account.objects.belonging_to(user_id)
    ids, shared = list(own.values_list("id", flat=True)), set(own.seen(besides=user_id).values_list("id", flat=True))
    with transaction.atomic():
        accounts = list(Account.objects.filter(id__in=ids).select_for_update(no_key=True).order_by("id"))
        for account in accounts:
            save_changes(account, name=ANY_ACCOUNT, owner_id=account.owner_id if account.id in shared else user_id)
    return len(accounts)


def forget_descriptions(user_id: UUID) -> int:
    """Blank what somebody's money was moved for, where nobody else is left to whom it is told; the number of rows.

    Safe to run again. What the statement of somebody else shows, too, belongs to their books and stays.
    """
    postings = Posting.objects.filter(transaction=OuterRef("pk"))
    own = postings.filter(account__in=Account.objects.belonging_to(user_id))
    told = Transaction.objects.filter(Exists(own), ~Exists(postings.seen(besides=user_id))).exclude(description="")
    forgotten = 0
    while ids := list(told.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        forgotten += Transaction.objects.filter(pk__in=ids).update(description="")
    return forgotten
