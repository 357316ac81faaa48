"""Accepting a proof once: the provider's word, spoken to us, in answer to a nonce of ours."""

from accounts import providers
from accounts.errors import ChallengeInvalid, ProofRefused
from accounts.providers.id_tokens import answers
from accounts.providers.types import Proof, Proven
from accounts.services import challenges
from accounts.types import ChallengePurpose, Platform, Provider
from core.errors import Invalid


def prove(*, provider: Provider, proof: Proof, platform: Platform) -> Proven:
    """Have a proof judged, and its nonce spent, whatever is decided afterwards.

    The nonce goes last: a provider that cannot be asked now costs the client nothing but a retry.

    Raises:
        ProofRefused: the proof is not good, or was used before.
        Invalid: this provider proves by something else.
        ProviderNotConfigured, Unreachable: there is nobody to ask, or nobody answers.
    """
    _check_kind(provider, proof)
    proven = providers.verify(provider, proof, platform)
    if proven.nonce is not None:
        _spend(proven.nonce, proof.nonce or proven.nonce)
    return proven


def _check_kind(provider: Provider, proof: Proof) -> None:
    if proof.access_token and provider is not Provider.FACEBOOK:
        raise Invalid.field("access_token", "This provider proves by an ID token.", "not_accepted")
    if proof.authorization_code and provider is not Provider.APPLE:
        raise Invalid.field("authorization_code", "Only Apple's codes are exchanged here.", "not_accepted")


def _spend(claimed: str, nonce: str) -> None:
    if not claimed or not answers(claimed, nonce):
        raise ProofRefused(reason="nonce")
    try:
        challenges.take(purpose=ChallengePurpose.SOCIAL_NONCE, token=nonce)
    except ChallengeInvalid as error:
        raise ProofRefused(reason="nonce") from error
