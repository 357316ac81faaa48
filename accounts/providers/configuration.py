"""How we are known to a provider, as settings say."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from accounts.errors import ProviderNotConfigured
from accounts.types import Platform, Provider


def configuration_of(provider: Provider) -> Mapping[str, Any]:
    """Raises: ProviderNotConfigured, where we have no client there."""
    configuration: Mapping[str, Any] = settings.SOCIAL_PROVIDERS[provider]
    if not configuration["client_ids"]:
        raise ProviderNotConfigured
    return configuration


def client_ids_of(provider: Provider, platform: Platform | None = None) -> frozenset[str]:
    """Our client ids there, on one platform or on any."""
    by_platform: Mapping[str, tuple[str, ...]] = configuration_of(provider)["client_ids"]
    if platform is not None:
        return frozenset(by_platform.get(platform, ()))
    return frozenset(client_id for client_ids in by_platform.values() for client_id in client_ids)
