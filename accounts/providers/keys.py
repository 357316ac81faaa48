"""The public keys of providers, fetched once an hour and good for a day where they cannot be fetched.

A key set older than an hour still serves, while another thread fetches its successor, so nobody waits for a
provider that is slow. A key id that is not known asks again, but not more than once a minute: who makes ids up
shall not make us call.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock, Thread
from typing import Any

import jwt
from django.core.cache import cache

from accounts.errors import ProofRefused
from core.outbound import Unreachable, call_provider

FRESH = 3600  # seconds
KEPT = 24 * 3600
PAUSE = 60  # seconds between two attempts to fetch the same set
MIN_RSA_BITS = 2048
_ALGORITHMS = {"RSA": "RS256", "EC": "ES256"}


@dataclass(frozen=True, slots=True)
class KeySet:
    keys: Mapping[str, jwt.PyJWK]
    fetched_at: float

    @property
    def age(self) -> float:
        return time.time() - self.fetched_at


class KeyStore:
    """The key sets that this process holds; the cache shares them with others, and with the next process."""

    def __init__(self) -> None:
        self._held: dict[str, KeySet] = {}
        self._tried_at: dict[str, float] = {}
        self._lock = Lock()

    def key(self, url: str, kid: str, *, peer: str) -> jwt.PyJWK:
        """The key `kid` of the set at `url`.

        Raises:
            ProofRefused: the set has no such key.
            Unreachable: we hold no set that would tell, and cannot fetch one.
        """
        held = self._current(url) or self._fetch(url, peer)
        if held.age > FRESH and self._may_try(url):
            Thread(target=self._fetch_quietly, args=(url, peer), daemon=True).start()
        if kid not in held.keys and held.age > PAUSE and self._may_try(url):
            held = self._fetch(url, peer)
        if kid not in held.keys:
            raise ProofRefused(reason="key")
        return held.keys[kid]

    def forget(self) -> None:
        with self._lock:
            self._held.clear()
            self._tried_at.clear()

    def _current(self, url: str) -> KeySet | None:
        held = self._held.get(url) or self._shared(url)
        return held if held is not None and held.age <= KEPT else None

    def _shared(self, url: str) -> KeySet | None:
        found = cache.get(_cache_key(url))
        if found is None:
            return None
        document, fetched_at = found
        return self._hold(url, KeySet(_read(document), fetched_at))

    def _may_try(self, url: str) -> bool:
        with self._lock:
            now = time.time()
            if now - self._tried_at.get(url, 0.0) < PAUSE:
                return False
            self._tried_at[url] = now
            return True

    def _fetch(self, url: str, peer: str) -> KeySet:
        answer = call_provider("GET", url, peer=peer)
        document = answer.json()
        keys = _read(document)
        if not answer.is_success or not keys:
            raise Unreachable
        held = self._hold(url, KeySet(keys, time.time()))
        cache.set(_cache_key(url), (document, held.fetched_at), KEPT)
        return held

    def _fetch_quietly(self, url: str, peer: str) -> None:
        try:
            self._fetch(url, peer)
        except Unreachable:
            return  # metrics tell of it; the held set serves on

    def _hold(self, url: str, key_set: KeySet) -> KeySet:
        with self._lock:
            self._held[url] = key_set
        return key_set


store = KeyStore()


def _read(document: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """The signing keys of a JSON Web Key Set (RFC 7517) that we would trust, by id."""
    found: dict[str, jwt.PyJWK] = {}
    entries = document.get("keys")
    for entry in entries if isinstance(entries, list) else ():
        try:
            key = jwt.PyJWK(entry, algorithm=_ALGORITHMS[entry["kty"]])
            if entry.get("use", "sig") == "sig" and _is_strong(key):
                found[str(entry["kid"])] = key
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError):
            continue  # a kind of key that is not ours to use
    return found


def _is_strong(key: jwt.PyJWK) -> bool:
    bits: int = key.key.key_size
    return bits >= MIN_RSA_BITS if key.key_type == "RSA" else bits == 256


def _cache_key(url: str) -> str:
    return f"provider-keys:{sha256(url.encode()).hexdigest()[:32]}"
