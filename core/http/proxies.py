"""Who the client is when proxies stand in between, and what of their headers may be believed.

Forwarding headers count only from the proxies named in `TRUSTED_PROXIES`; from anybody else they are removed before
the request is read. Headers by which gateways assert an identity or another address are never ours to believe.
Over WSGI a name with underscores cannot be told from one with hyphens, so trusted proxies must drop those names.
Not here: links, which are always built on `PUBLIC_BASE_URL`.
"""

from collections.abc import Iterable, MutableMapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

_NEVER_BELIEVED = (
    "HTTP_X_REMOTE_USER",
    "HTTP_REMOTE_USER",
    "HTTP_X_USER_ID",
    "HTTP_X_ORIGINAL_URL",
    "HTTP_X_REWRITE_URL",
    "HTTP_X_HTTP_METHOD_OVERRIDE",
)
_FORWARDING = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
)
FORWARDED = "gigvora.forwarded"  # whether anybody, trusted or not, claims to have passed the request on


class TrustedProxies:
    """The networks that our own proxies answer from."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(ip_network(network, strict=False) for network in networks)
        self._trusts = lru_cache(maxsize=4096)(self._contains)

    def sanitize(self, meta: MutableMapping[str, Any]) -> None:
        """Remove what may not be believed, and put the client's address where the proxy's was."""
        for name in _NEVER_BELIEVED:
            meta.pop(name, None)
        meta[FORWARDED] = any(name in meta for name in _FORWARDING)
        peer = meta.get("REMOTE_ADDR", "")
        if not self._networks or not self._trusts(peer):
            for name in _FORWARDING:
                meta.pop(name, None)
        elif "HTTP_X_FORWARDED_FOR" in meta:
            meta["REMOTE_ADDR"] = self._client(peer, meta["HTTP_X_FORWARDED_FOR"])

    def _client(self, peer: str, forwarded_for: str) -> str:
        """The rightmost hop that is not a proxy of ours; hops further left are the client's own claims."""
        client = peer
        for hop in reversed(forwarded_for.split(",")):
            address = _address(hop.strip())
            if address is None:
                break
            client = address
            if not self._trusts(address):
                break
        return client

    def _contains(self, address: str) -> bool:
        canonical = _address(address)
        if canonical is None:
            return False
        parsed = ip_address(canonical)
        return any(parsed in network for network in self._networks)


@lru_cache(maxsize=4096)
def _address(hop: str) -> str | None:
    """An address in canonical form, without the port that some proxies add; `None` for anything else."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        parsed = ip_address(hop)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(parsed)
