"""The identities of one's own: adding another with a fresh proof, removing one, and telling its provider."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from access.services import record
from access.types import Principal
from accounts.errors import IdentityTaken, LastWayIn
from accounts.events import IdentityLinked, IdentityUnlinked
from accounts.models import SocialIdentity, User
from accounts.providers import apple
from accounts.providers.types import Proof, Proven
from accounts.selectors import has_another_way_in
from accounts.services.callers import lock_caller
from accounts.services.social.proving import prove
from accounts.types import Platform, Provider
from core.db.changes import lock, save_changes
from core.http.access import Audience
from core.sealing import seal, unseal
from events.services import publish

_PURPOSE = b"social refresh token"
_PLATFORMS = {Audience.ANDROID: Platform.ANDROID, Audience.IOS: Platform.IOS}


def link(*, actor: Principal, provider: Provider, proof: Proof) -> SocialIdentity:
    """Let the caller sign in with this identity, too. Linking it again changes nothing.

    Raises:
        IdentityTaken: it belongs to somebody else, or the caller has linked another of the same provider.
        ProofRefused, Invalid, ProviderNotConfigured, Unreachable: as `prove` says.
    """
    proven = prove(provider=provider, proof=proof, platform=_PLATFORMS.get(actor.audience, Platform.WEB))
    known = recognise(proven)
    if known is None:
        return _add_for(actor, proven)
    if known.user_id != actor.user_id:
        raise IdentityTaken
    return known


def unlink(*, actor: Principal, identity_id: UUID) -> None:
    """Stop signing the caller in with one of their identities, and have its provider told.

    Raises:
        NotFound: the caller has no such identity.
        LastWayIn: there would be no other way to sign in.
    """
    with transaction.atomic():
        user = lock(User.objects.all(), id=actor.user_id)  # of two removals at once, the second sees the first
        identity = lock(SocialIdentity.objects.of(actor.user_id), id=identity_id)
        if not has_another_way_in(user, without=identity.id):
            raise LastWayIn
        _retire(identity, reason="user")


def distrust(user: User, *, since: datetime | None = None) -> None:
    """Unlink, in the caller's transaction, what somebody else may have linked: all identities, or those linked `since`.

    Whoever opens an account under another's address, and waits for the owner to claim it, must not stay inside.
    """
    own = SocialIdentity.objects.of(user.id).select_for_update(no_key=True, of=("self",))
    for identity in own if since is None else own.filter(created_at__gte=since):
        _retire(identity, reason="distrusted")


def add(user: User, proven: Proven, *, is_new_account: bool = False) -> SocialIdentity:
    """Store an identity in the caller's transaction.

    Raises:
        IntegrityError: another request has just done so, or the user has one of this provider already.
    """
    with transaction.atomic():
        identity: SocialIdentity = SocialIdentity.objects.create(
            user=user, provider=proven.provider, subject=proven.subject, **_seen(proven)
        )
    _note("identity.linked", identity)
    if not is_new_account:
        publish(IdentityLinked(aggregate_id=user.id, provider=proven.provider), actor_id=user.id)
    return identity


def recognise(proven: Proven) -> SocialIdentity | None:
    """The stored identity with its user, brought up to what its provider says now."""
    stored = SocialIdentity.objects.known_as(proven.provider, proven.subject).select_related("user")
    with transaction.atomic():
        identity = stored.select_for_update(no_key=True, of=("self",)).first()
        return identity and save_changes(identity, **_news(identity, proven))


def tell_of_unlinking(identity: SocialIdentity, *, reason: str) -> None:
    """Put on record, and publish, that an identity signs nobody in any more."""
    _note("identity.unlinked", identity, reason)
    publish(
        IdentityUnlinked(aggregate_id=identity.user_id, provider=identity.provider, identity_id=identity.id),
        actor_id=identity.user_id,
    )


def finish_unlinking(*, identity_id: UUID) -> None:
    """Tell the provider of an unlinked identity, then forget it. Twice is once.

    Raises:
        Unreachable: the provider does not take note; the row waits for the next attempt.
    """
    identity = SocialIdentity.objects.filter(id=identity_id).exclude(revoked_at=None).first()
    if identity is None:
        return
    if not _is_handed_on(identity):
        _revoke(identity)
    identity.delete()


def revoke_at_provider(*, user_id: UUID) -> int:
    """Take back, at the providers, every permission of somebody who leaves; how many there were.

    Raises:
        Unreachable: one of them does not take note. What has been taken back stays so; try again.
    """
    held = list(SocialIdentity.objects.filter(user_id=user_id).exclude(refresh_token=None))
    for identity in held:
        _revoke(identity)
        SocialIdentity.objects.filter(id=identity.id).update(refresh_token=None)
        _note("identity.revoked_at_provider", identity)
    return len(held)


def _retire(identity: SocialIdentity, *, reason: str) -> None:
    save_changes(identity, revoked_at=timezone.now())
    tell_of_unlinking(identity, reason=reason)


def _note(action: str, identity: SocialIdentity, reason: str = "") -> None:
    owner, provider = identity.user_id, identity.provider
    record(
        action=action,
        outcome="success",
        user_id=owner,
        target_type="user",
        target_id=owner,
        reason=reason,
        provider=provider,
    )


def _revoke(identity: SocialIdentity) -> None:
    if identity.refresh_token is not None:
        token = unseal(bytes(identity.refresh_token), purpose=_PURPOSE).decode()
        apple.revoke(token, identity.client_id)


def _is_handed_on(identity: SocialIdentity) -> bool:
    """Whether the identity has been linked anew, which then gets what it takes to end the permission one day.

    Apple knows one permission for each person and app: taking the old token back would end the new one as well.
    """
    with transaction.atomic():
        again = SocialIdentity.objects.known_as(identity.provider, identity.subject)
        heir = again.select_for_update(no_key=True).first()
        if heir is not None and heir.refresh_token is None and identity.refresh_token is not None:
            save_changes(heir, refresh_token=identity.refresh_token, client_id=identity.client_id)
        return heir is not None


def _add_for(actor: Principal, proven: Proven) -> SocialIdentity:
    try:
        with transaction.atomic():
            return add(lock_caller(actor), proven)
    except IntegrityError as error:
        raise IdentityTaken from error


def _news(identity: SocialIdentity, proven: Proven) -> dict[str, object]:
    seen = _seen(proven)
    seen["last_used_at"] = max(identity.last_used_at, proven.vouched_at)
    if not proven.refresh_token:
        del seen["refresh_token"], seen["client_id"]  # the two belong together
    if not proven.email:
        del seen["email"], seen["is_email_verified"]  # Apple may tell them at the first sign-in alone
    return seen


def _seen(proven: Proven) -> dict[str, object]:
    sealed = seal(proven.refresh_token.encode(), purpose=_PURPOSE) if proven.refresh_token else None
    return {
        "client_id": proven.client_id,
        "email": proven.email.lower()[:254],
        "is_email_verified": proven.is_email_verified,
        "refresh_token": sealed,
        "last_used_at": proven.vouched_at,  # by the provider's clock, which its notices go by
    }
