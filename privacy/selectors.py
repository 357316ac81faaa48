"""Reading what people decided, asked for, and are owed."""

from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.selectors import find_user
from core.contributions.privacy import Purpose, consent_purposes
from privacy import gpc
from privacy.digests import address_digest, link_digest, link_token
from privacy.errors import PrivacyLinkInvalid, UnknownPurpose
from privacy.models import OPEN_ERASURES, ConsentEntry, Erasure, Export, OptedOutAddress, PrivacyRequest
from privacy.types import SALE, Consent, Deletion, ErasureStatus, RequestStatus, Source


def get_purpose(name: str) -> Purpose:
    """Raises: UnknownPurpose."""
    found = next((purpose for purpose in consent_purposes() if purpose.name == name), None)
    if found is None:
        raise UnknownPurpose
    return found


def is_given(user_id: UUID, purpose: str) -> bool:
    """Whether something that needs consent may be done for a person now. Engines ask before they do it.

    Who agreed to a former text has not agreed to the present one. A no holds for every text.
    """
    asked = get_purpose(purpose)
    if purpose == SALE and gpc.is_signalled():
        return False
    latest = latest_entries(user_id).filter(purpose=purpose).first()
    if latest is None:
        return asked.assumed
    return latest.given and (asked.assumed or latest.version == asked.version)


def consents_of(user_id: UUID) -> list[Consent]:
    """Every purpose with what the person has said about it."""
    said = {entry.purpose: entry for entry in latest_entries(user_id)}
    return [_consent(purpose, said.get(purpose.name)) for purpose in consent_purposes()]


def latest_entries(user_id: UUID) -> QuerySet[ConsentEntry]:
    """The entries that count: of each purpose the last."""
    later = ConsentEntry.objects.filter(user_id=user_id, purpose=OuterRef("purpose"), id__gt=OuterRef("id"))
    return ConsentEntry.objects.filter(~Exists(later), user_id=user_id)


def list_ledger(user_id: UUID) -> QuerySet[ConsentEntry]:
    return ConsentEntry.objects.filter(user_id=user_id)


def gpc_honoured_at(user_id: UUID) -> datetime | None:
    """When the signal of one of the person's browsers was first acted upon."""
    entries = ConsentEntry.objects.filter(user_id=user_id, purpose=SALE, source=Source.GPC)
    return entries.order_by("id").values_list("recorded_at", flat=True).first()


def is_opted_out_address(email: str) -> bool:
    return OptedOutAddress.objects.filter(digest=address_digest(email)).exists()


def list_exports(user_id: UUID) -> QuerySet[Export]:
    return Export.objects.filter(user_id=user_id)


def list_requests(user_id: UUID) -> QuerySet[PrivacyRequest]:
    return PrivacyRequest.objects.filter(user_id=user_id)


def overdue_requests() -> int:
    """How many requests have not been answered in time."""
    return PrivacyRequest.objects.filter(status=RequestStatus.OPEN, due_at__lt=timezone.now()).count()


def late_erasures() -> int:
    """How many erasures should have begun, or ended, a day ago."""
    a_day_ago = timezone.now() - timedelta(days=1)
    return Erasure.objects.filter(status__in=OPEN_ERASURES, executes_at__lt=a_day_ago).count()


def find_deletion(user_id: UUID) -> Deletion | None:
    """The deletion of an account that is planned, or was last."""
    erasure = Erasure.objects.filter(user_id=user_id).order_by("-id").first()
    return deletion_of(erasure) if erasure else None


def deletion_behind(token: str) -> Deletion:
    """Raises: PrivacyLinkInvalid, as `erasure_behind` says."""
    return deletion_of(erasure_behind(token))


def erasure_behind(token: str, among: QuerySet[Erasure] | None = None) -> Erasure:
    """What a mailed link is about.

    Raises:
        PrivacyLinkInvalid: replaced, never issued, or mailed to an address that the account has left since.
    """
    known = Erasure.objects.all() if among is None else among
    erasure = known.filter(link_digest=link_digest(token)).first()
    if erasure is None or not _is_at_home(erasure, token):
        raise PrivacyLinkInvalid
    return erasure


def _is_at_home(erasure: Erasure, token: str) -> bool:
    """Whether a link went to the account's present address, or its last one."""
    user = find_user(erasure.user_id)
    if user is None or user.closed_at is not None or erasure.link_nonce is None:
        return True
    return compare_digest(token, link_token(erasure.id, erasure.link_nonce, user.email))


def deletion_of(erasure: Erasure) -> Deletion:
    return Deletion(
        id=erasure.id,
        status=erasure.status,
        requested_at=erasure.created_at,
        executes_at=erasure.executes_at,
        cancelled_at=erasure.cancelled_at,
        finished_at=erasure.finished_at if erasure.status == ErasureStatus.DONE else None,
        receipt=erasure.receipt,
    )


def _consent(purpose: Purpose, said: Any) -> Consent:
    return Consent(
        purpose=purpose.name,
        title=purpose.title,
        text=purpose.text,
        current_version=purpose.version,
        given=said.given if said else purpose.assumed,
        version=said.version if said else None,
        decided_at=said.recorded_at if said else None,
        source=said.source if said else "",
    )
