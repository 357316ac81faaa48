"""What providers tell us of people: that they took their permission back, or want to be forgotten.

A provider repeats itself until it hears an answer, so every notice counts once, in one transaction with its effect.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.digests import link_digest
from accounts.events import DeletionRequested
from accounts.models import DeviceSession, ProviderNotice, SocialIdentity, User
from accounts.providers import apple, facebook
from accounts.providers.id_tokens import LEEWAY
from accounts.providers.types import Notice
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
_CLOCKS = timedelta(seconds=LEEWAY)


def hear_apple(*, payload: str) -> None:
    """Act on a server-to-server notification. Kinds that we do not know are well received.

    Raises:
        ProofRefused: it is not Apple's.
        Unreachable: Apple's keys are not to be had now; Apple will try again.
    """
    notice = apple.notice_of(payload)
    with transaction.atomic():
        if not _is_news(Provider.APPLE, f"apple:{notice.id}", notice.kind):
            return
        if notice.kind in _MAIL:
            _note_mail(notice, stopped=notice.kind == "email-disabled")
        elif notice.kind in _GONE:
            _forget(Provider.APPLE, notice, reason=notice.kind, is_deletion=notice.kind in _DELETED)


def hear_deauthorization(*, signed_request: str) -> None:
    """Unlink whoever removed our app at Facebook.

    Raises:
        ProofRefused: it is not Facebook's.
    """
    notice = facebook.notice_of(signed_request)
    with transaction.atomic():
        _forget(Provider.FACEBOOK, notice, reason="deauthorized", is_deletion=False)


def hear_deletion(*, signed_request: str) -> dict[str, str]:
    """Forget what Facebook told us of somebody: where they can see that we did, and the code to ask by.

    Raises:
        ProofRefused: it is not Facebook's.
    """
    notice = facebook.notice_of(signed_request)
    code = secrets.token_urlsafe(16)
    with transaction.atomic():
        _is_news(Provider.FACEBOOK, code, "deletion")
        _forget(Provider.FACEBOOK, notice, reason="deletion", is_deletion=True)
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


def _note_mail(notice: Notice, *, stopped: bool) -> None:
    identity = _locked(Provider.APPLE, notice.subject)
    if identity is not None:
        save_changes(identity, mail_stopped_at=timezone.now() if stopped else None)


def _forget(provider: Provider, notice: Notice, *, reason: str, is_deletion: bool) -> None:
    """The provider has ended the permission itself, so there is nothing to tell it and nothing to keep.

    A session does not know whose word began it, so with one provider's word all end that began with any.
    """
    identity = _locked(provider, notice.subject)
    if identity is None or _is_outdated(notice, identity, is_deletion):
        return
    social = DeviceSession.objects.of(identity.user_id).filter(amr__startswith=Method.SOCIAL)
    end(actor=identity.user_id, sessions=social, reason=EndReason.UNLINKED)
    identities.tell_of_unlinking(identity, reason=reason)
    if is_deletion:
        publish(DeletionRequested(aggregate_id=identity.user_id, origin=provider), actor_id=identity.user_id)
    identity.delete()


def _is_outdated(notice: Notice, identity: SocialIdentity, is_deletion: bool) -> bool:
    """Whether a notice comes so late that it means a former permission: the provider has vouched for them since.

    The wish to be forgotten is not taken back by signing in once more, only by linking anew. That moment is of our
    clock; where the clocks leave it open, the wish counts.
    """
    if is_deletion:
        return notice.occurred_at < identity.created_at - _CLOCKS
    return notice.occurred_at < identity.last_used_at


def _locked(provider: Provider, subject: str) -> SocialIdentity | None:
    """Whom a provider speaks of, locked after their user and before their sessions, as everybody does."""
    known = SocialIdentity.objects.known_as(provider, subject)
    owner = User.objects.filter(id__in=known.values("user_id")).select_for_update(no_key=True).first()
    return known.filter(user=owner).select_for_update(no_key=True).first() if owner else None
