"""What people agree to and object to. The ledger is appended to; taking back is as easy as giving."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.core.cache import cache
from django.db import transaction

from access.services import record
from access.types import Principal
from accounts.selectors import find_by_email, find_user
from core.contributions.privacy import Purpose
from core.db.ids import uuid7
from core.db.instances import insert
from events.services import publish
from privacy.digests import address_digest
from privacy.errors import ConsentTextChanged
from privacy.events import ConsentChanged
from privacy.models import ConsentEntry, OptedOutAddress
from privacy.selectors import get_purpose, is_opted_out_address, latest_entries
from privacy.services import requests
from privacy.types import SALE, RequestKind, RequestStatus, Source

REMEMBERED = 86_400  # seconds for which a browser's signal need not be looked up again


def decide(*, actor: Principal, purpose: str, given: bool, version: int | None = None) -> None:
    """Note what the caller says about a purpose. Saying the same of the same text again changes nothing.

    `version` is that of the text they were shown, needed to agree.

    Raises:
        UnknownPurpose: nobody asks for this.
        ConsentTextChanged: they were shown another text than the current one.
    """
    asked = get_purpose(purpose)
    if version != asked.version and (given or version is not None):
        raise ConsentTextChanged(current_version=asked.version)
    with transaction.atomic():
        _note(asked, actor.user_id, given=given, source=Source.APP, device_id=actor.device_id)
    if purpose == SALE:
        cache.delete(_gpc_key(actor.user_id, actor.device_id))


def set_do_not_sell(*, actor: Principal, do_not_sell: bool) -> None:
    """Object to sale and sharing, or say explicitly that it is all right."""
    decide(actor=actor, purpose=SALE, given=not do_not_sell, version=get_purpose(SALE).version)


def honour_gpc(*, user_id: UUID, device_id: UUID | None) -> None:
    """Opt an account out of sale and sharing, because a browser said so; written once for each device."""
    key = _gpc_key(user_id, device_id)
    if cache.get(key):
        return
    purpose = get_purpose(SALE)
    with transaction.atomic():
        already = latest_entries(user_id).filter(purpose=SALE, given=False).exists()
        known = ConsentEntry.objects.filter(user_id=user_id, purpose=SALE, source=Source.GPC, device_id=device_id)
        if not (already and known.exists()):
            _append(purpose, user_id, given=False, source=Source.GPC, device_id=device_id)
            record(action="gpc.received", outcome="success", user_id=user_id)
    cache.set(key, True, REMEMBERED)


def opt_out_address(*, email: str) -> None:
    """Sell and share nothing about whoever has this address, with an account or without; no proof is asked for.

    It counts each time, also after the account has said yes again. It costs the same for every address: what there is
    no reason to write is written, too, and taken back.
    """
    user, purpose = find_by_email(email), get_purpose(SALE)
    user_id = user.id if user else uuid7()  # that of nobody
    with transaction.atomic():
        is_new = _opt_out(address_digest(email))
        is_news = not _has_said(user_id, purpose, given=False) and user is not None
        with _kept_if(is_new or is_news):
            request = requests.receive(kind=RequestKind.OPT_OUT, source=Source.WEB, user_id=user.id if user else None)
            requests.settle(request, status=RequestStatus.DONE)
        with _kept_if(is_news):
            _append(purpose, user_id, given=False, source=Source.WEB)


def carry_over(*, user_id: UUID) -> None:
    """Let an account with a new address start with what has been said for this address before."""
    user = find_user(user_id)
    if user is not None and is_opted_out_address(user.email):
        with transaction.atomic():
            _note(get_purpose(SALE), user_id, given=False, source=Source.WEB)


def _opt_out(digest: str) -> bool:
    """Remember an address; whether it was not yet."""
    is_known = OptedOutAddress.objects.filter(digest=digest).exists()
    OptedOutAddress.objects.bulk_create([OptedOutAddress(digest=digest)], ignore_conflicts=True)
    return not is_known


@contextmanager
def _kept_if(is_reason: bool) -> Iterator[None]:
    """Write what the block writes, and take it back if there is no reason for it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(not is_reason)


def _has_said(user_id: UUID, purpose: Purpose, *, given: bool) -> bool:
    """Whether this, of this text, is the last that somebody has said."""
    latest = latest_entries(user_id).filter(purpose=purpose.name).first()
    return latest is not None and (latest.given, latest.version) == (given, purpose.version)


def _note(purpose: Purpose, user_id: UUID, *, given: bool, source: Source, device_id: UUID | None = None) -> None:
    if not _has_said(user_id, purpose, given=given):
        _append(purpose, user_id, given=given, source=source, device_id=device_id)


def _append(purpose: Purpose, user_id: UUID, *, given: bool, source: Source, device_id: UUID | None = None) -> None:
    insert(
        ConsentEntry(
            user_id=user_id,
            purpose=purpose.name,
            version=purpose.version,
            text_digest=purpose.digest(purpose.version),
            given=given,
            source=source,
            device_id=device_id,
        )
    )
    record(action="consent.changed", outcome="success", user_id=user_id, purpose=purpose.name, given=given)
    publish(ConsentChanged(aggregate_id=user_id, purpose=purpose.name, given=given, source=source), actor_id=user_id)


def _gpc_key(user_id: UUID, device_id: UUID | None) -> str:
    return f"gpc:{user_id}:{device_id}"
