"""Signing in with a provider's word. The key is the provider's name for a person, never an e-mail address.

An address only ever proposes an account. It decides where the provider hosts the mailbox and we have seen its owner
read our mail; otherwise whoever can make a provider say an address would own the account behind it.
"""

import unicodedata
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from access.services import record
from accounts.addresses import canonical
from accounts.errors import EmailRequired, EmailUnavailable, LinkRequired, ProofRefused
from accounts.events import FreelancerRegistered, FreelancerVerified
from accounts.models import DeviceSession, User
from accounts.providers.types import Proof, Proven
from accounts.selectors import find_by_email
from accounts.services import challenges, sessions
from accounts.services.registration import add_account
from accounts.services.social import identities
from accounts.services.social.proving import prove
from accounts.types import ChallengePurpose, DeviceClaim, Method, Provider
from core.contributions.scopes import Persona
from events.services import publish

NONCE_LIFETIME = timedelta(minutes=10)  # at the provider, people look for passwords and second devices


def start() -> challenges.Issued:
    """A nonce that an app has the provider put into its next token."""
    return challenges.issue(purpose=ChallengePurpose.SOCIAL_NONCE, lifetime=NONCE_LIFETIME)


def sign_in(*, provider: Provider, proof: Proof, full_name: str = "", device: DeviceClaim) -> DeviceSession:
    """Begin a session for whom the provider vouches for; a stranger gets an account. `full_name` is only then used.

    Raises:
        ProofRefused, ProviderNotConfigured, Unreachable: as `prove` says.
        LinkRequired: the address belongs to an account that the proof does not open, or not by itself.
        EmailRequired: a stranger without an address.
        SecondFactorRequired: the account asks for more.
    """
    try:
        proven = prove(provider=provider, proof=proof, platform=device.platform)
    except ProofRefused as refused:
        record(action="login.failure", outcome="failure", reason=refused.reason, provider=provider)
        raise
    user = _known(proven) or _admitted(proven, full_name)
    return sessions.start(user=user, claim=device, methods=(Method.SOCIAL,))


def _known(proven: Proven) -> User | None:
    identity = identities.recognise(proven)
    return identity.user if identity else None


def _admitted(proven: Proven, full_name: str) -> User:
    """The account of somebody who comes with this identity for the first time."""
    if not proven.email:
        raise EmailRequired
    owner = find_by_email(proven.email)
    try:
        return _opened(proven, full_name) if owner is None else _recognised(owner, proven)
    except (EmailUnavailable, IntegrityError) as error:  # the same person, at the same moment, from another device
        user = _known(proven)
        if user is None:
            raise LinkRequired from error
        return user


def _recognised(owner: User, proven: Proven) -> User:
    """The owner of the address, with an identity more; asked under lock, as the address may just be moving on."""
    with transaction.atomic():
        owners = User.objects.filter(id=owner.id, is_active=True, email=owner.email)
        user = owners.select_for_update(no_key=True).first()
        if user is None or not _is_opened_by(proven, user):
            raise LinkRequired
        identities.add(user, proven)
    return user


def _is_opened_by(proven: Proven, user: User) -> bool:
    """Whether a provider's word about an address may open its account from now on, whoever has the address then.

    Not one with a second factor: it is asked for only afterwards, and whoever cannot answer must leave nothing behind.
    """
    return proven.is_email_owned and user.is_email_verified and not user.has_second_factor


def _opened(proven: Proven, full_name: str) -> User:
    now = timezone.now()
    user = User(
        email=canonical(proven.email),
        full_name=full_name or _presentable(proven.full_name),
        email_verified_at=now if proven.is_email_owned else None,  # else we ask by mail, as after registering
    )
    user.set_unusable_password()
    with transaction.atomic():
        add_account(user, persona=Persona.FREELANCER)
        identities.add(user, proven, is_new_account=True)
        publish(
            FreelancerRegistered(aggregate_id=user.id, locale=user.locale, timezone=user.timezone), actor_id=user.id
        )
        if user.is_email_verified:
            publish(FreelancerVerified(aggregate_id=user.id), actor_id=user.id)
    return user


def _presentable(name: str) -> str:
    """A name as the provider has it, if it is one that we would take from the person, too."""
    plain = unicodedata.normalize("NFC", name).strip()
    return plain if plain.isprintable() and len(plain) <= 150 else ""
