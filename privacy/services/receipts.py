"""The last mail to somebody who was erased."""

from uuid import UUID

from core import mail
from privacy.digests import open_contact
from privacy.models import Erasure
from privacy.types import ErasureStatus


def mail_receipt(*, user_id: UUID) -> None:
    """Send the receipt to the last address, then forget the address."""
    done = Erasure.objects.filter(user_id=user_id, status=ErasureStatus.DONE)
    erasure = done.exclude(contact=b"").order_by("-id").first()
    if erasure is None:
        return
    mail.deliver("privacy/mail/erased", to=open_contact(erasure.contact), context={"receipt": erasure.receipt})
    Erasure.objects.filter(id=erasure.id).update(contact=b"")
