"""What people agree to and object to. The ledger is appended to; taking back is as easy as giving."""

from uuid import UUID

from django.core.cache import cache
from django.db import transaction

from access.services import record
from access.types import Principal
from accounts.selectors import find_by_email, find_user
from core.contributions.privacy import Purpose
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
    """Sell and share nothing about whoever has this address, with an account or without; no proof is asked for."""
    with transaction.atomic():
        _, is_new = OptedOutAddress.objects.get_or_create(digest=address_digest(email))
        if not is_new:
            return
        user = find_by_email(email)
        request = requests.receive(kind=RequestKind.OPT_OUT, source=Source.WEB, user_id=user.id if user else None)
        requests.settle(request, status=RequestStatus.DONE)
        if user is not None:
            _note(get_purpose(SALE), user.id, given=False, source=Source.WEB)


def carry_over(*, user_id: UUID) -> None:
    """Let a new account start with what its address has said before."""
    user = find_user(user_id)
    if user is not None and is_opted_out_address(user.email):
        with transaction.atomic():
            _note(get_purpose(SALE), user_id, given=False, source=Source.WEB)


def _note(purpose: Purpose, user_id: UUID, *, given: bool, source: Source, device_id: UUID | None = None) -> None:
    latest = latest_entries(user_id).filter(purpose=purpose.name).first()
    if latest is None or (latest.given, latest.version) != (given, purpose.version):
        _append(purpose, user_id, given=given, source=source, device_id=device_id)


def _append(purpose: Purpose, user_id: UUID, *, given: bool, source: Source, device_id: UUID | None) -> None:
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
