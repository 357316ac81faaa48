"""Judging what Apple, Google and Facebook say of people: their tokens, their keys, their notices.

Every provider is asked directly and only where settings say it is. Not here: what follows from its word, which
accounts it belongs to and who may sign in (`services/social`).
"""

from accounts.providers import apple, facebook, google
from accounts.providers.types import Proof, Proven
from accounts.types import Platform, Provider

__all__ = ("Proof", "Proven", "verify")

_JUDGES = {
    Provider.APPLE: apple.verify,
    Provider.GOOGLE: google.verify,
    Provider.FACEBOOK: facebook.verify,
}


def verify(provider: Provider, proof: Proof, platform: Platform) -> Proven:
    """Whom the provider vouches for, to one of our clients on `platform`.

    Raises:
        ProviderNotConfigured: we do not offer this provider.
        ProofRefused: it does not vouch for anybody, or not to us.
        Invalid: this provider proves by something else.
        Unreachable: it cannot be asked now.
    """
    return _JUDGES[provider](proof, platform)
