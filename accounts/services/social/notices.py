"""What providers tell us of people: that they took their permission back, or want to be forgotten.

A provider repeats itself until it hears an answer, so every notice counts once, in one transaction with its effect.
"""

import secrets

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.digests import link_digest
from accounts.events import DeletionRequested
from accounts.models import DeviceSession, ProviderNotice, SocialIdentity
from accounts.providers import apple, facebook
from accounts.services.endings import end
from accounts.services.social import identities
from accounts.types import EndReason, Method, Provider
from core.db.changes import save_changes
from core.errors import NotFound
from events.services import publish

STATUS_PATH = "/v1/auth/social/facebook/deletion/"
_GONE = {"consent-revoked", "account-delete", "account-deleted"}
_DELETED = _GONE - {"consent-revoked"}
_MAIL = {"email-disabled", "email-enabled"}


def hear_apple(*, payload: str) -> None:
    """Act on a server-to-server notification. Kinds that we do not know are well received.

    Raises:
        ProofRefused: it is not Apple's.
        Unreachable: Apple's keys are not to be had now; Apple will try again.
    """
    notice_id, event = apple.notice_of(payload)
    kind, subject = str(event.get("type", "")), str(event.get("sub", ""))
    with transaction.atomic():
        if not _is_news(Provider.APPLE, f"apple:{notice_id}", kind):
            return
        if kind in _MAIL:
            _note_mail(subject, stopped=kind == "email-disabled")
        elif kind in _GONE:
            _forget(Provider.APPLE, subject, reason=kind, is_deletion=kind in _DELETED)


def hear_deauthorization(*, signed_request: str) -> None:
    """Unlink whoever removed our app at Facebook.

    Raises:
        ProofRefused: it is not Facebook's.
    """
    subject = facebook.subject_of_request(signed_request)
    with transaction.atomic():
        _forget(Provider.FACEBOOK, subject, reason="deauthorized", is_deletion=False)


def hear_deletion(*, signed_request: str) -> dict[str, str]:
    """Forget what Facebook told us of somebody: where they can see that we did, and the code to ask by.

    Raises:
        ProofRefused: it is not Facebook's.
    """
    subject = facebook.subject_of_request(signed_request)
    code = secrets.token_urlsafe(16)
    with transaction.atomic():
        _is_news(Provider.FACEBOOK, code, "deletion")
        _forget(Provider.FACEBOOK, subject, reason="deletion", is_deletion=True)
    return {"url": f"{settings.PUBLIC_BASE_URL}{STATUS_PATH}{code}", "confirmation_code": code}


def deletion_of(code: str) -> ProviderNotice:
    """Raises: NotFound, where no deletion has this code."""
    found = ProviderNotice.objects.filter(digest=link_digest(code), kind="deletion").first()
    if found is None:
        raise NotFound
    return found


def _is_news(provider: Provider, secret: str, kind: str) -> bool:
    try:
        with transaction.atomic():
            ProviderNotice.objects.create(
                digest=link_digest(secret), provider=provider, kind=kind[:30], received_at=timezone.now()
            )
    except IntegrityError:
        return False
    return True


def _note_mail(subject: str, *, stopped: bool) -> None:
    moment = timezone.now() if stopped else None
    for identity in _locked(Provider.APPLE, subject):
        save_changes(identity, mail_stopped_at=moment)


def _forget(provider: Provider, subject: str, *, reason: str, is_deletion: bool) -> None:
    """The provider has ended the permission itself, so there is nothing to tell it and nothing to keep."""
    for identity in _locked(provider, subject):
        social = DeviceSession.objects.of(identity.user_id).filter(amr__startswith=Method.SOCIAL)
        end(actor=identity.user_id, sessions=social, reason=EndReason.UNLINKED)
        identities.tell_of_unlinking(identity, reason=reason)
        if is_deletion:
            publish(DeletionRequested(aggregate_id=identity.user_id, origin=provider), actor_id=identity.user_id)
        identity.delete()


def _locked(provider: Provider, subject: str) -> list[SocialIdentity]:
    known = SocialIdentity.objects.known_as(provider, subject)
    return list(known.select_for_update(no_key=True, of=("self",)))
