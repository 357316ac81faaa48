"""An OpenID provider over real HTTPS: discovery, keys that rotate, the code flow with PKCE, ID tokens.

It asks nobody: whoever comes to its sign-in page is `person`. It refuses what a real one refuses: clients, secrets
and return addresses that it does not know, proof keys that do not fit, and codes that were used before.
"""

import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.utils import base64url_encode

from tests.fakes.https import HttpsServer, Reply, Request

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
CODE_LIFETIME = 300  # seconds


@dataclass(frozen=True, slots=True)
class Key:
    kid: str
    private: PrivateKey

    @property
    def algorithm(self) -> str:
        return "RS256" if isinstance(self.private, rsa.RSAPrivateKey) else "ES256"

    @property
    def jwk(self) -> dict[str, Any]:
        public: Any = self.private.public_key()
        kind = jwt.algorithms.RSAAlgorithm if self.algorithm == "RS256" else jwt.algorithms.ECAlgorithm
        return {**kind.to_jwk(public, as_dict=True), "kid": self.kid, "use": "sig", "alg": self.algorithm}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for."""

    client_id: str
    subject: str
    nonce: str = ""
    redirect_uri: str = ""
    challenge: str = ""
    expires_at: float = field(default_factory=lambda: time.time() + CODE_LIFETIME)
    is_used: bool = False
    refresh_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))


def rsa_key() -> Key:
    return Key(secrets.token_hex(5), rsa.generate_private_key(65537, 2048))


@cache
def _first_key() -> Key:
    """Made once for all providers of a process: finding primes takes long."""
    return rsa_key()


def ec_key() -> Key:
    return Key(secrets.token_hex(5), ec.generate_private_key(ec.SECP256R1()))


class OpenIdProvider:
    """The part that all providers share. Subclasses say where things are and what their tokens look like.

    Attributes:
        person: who is sitting in front of the sign-in page: the claims about them.
        clients: client id -> the return addresses registered for it.
        refresh_tokens: those that are good.
        revoked: those that somebody took back.
    """

    keys_path: ClassVar[str]
    authorize_path: ClassVar[str]
    token_path: ClassVar[str]
    token_lifetime: ClassVar[int] = 3600

    def __init__(self) -> None:
        self.keys = [_first_key()]
        self.person: dict[str, Any] = {"sub": secrets.token_hex(11), "email": "ada@gmail.com", "email_verified": True}
        self.clients: dict[str, tuple[str, ...]] = {}
        self.grants: dict[str, Grant] = {}
        self.refresh_tokens: set[str] = set()
        self.revoked: list[str] = []
        self.server = HttpsServer(self.routes())

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.__exit__(kind, error, at)

    def routes(self) -> dict[tuple[str, str], Any]:
        return {
            ("GET", "/.well-known/openid-configuration"): self._discovery,
            ("GET", self.keys_path): self._keys,
            ("GET", self.authorize_path): self._authorize,
            ("POST", self.token_path): self._token,
        }

    @property
    def issuer(self) -> str:
        return self.server.url

    @property
    def keys_url(self) -> str:
        return self.issuer + self.keys_path

    def rotate(self, key: Key | None = None) -> None:
        """Sign with a new key from now on, and forget the old one."""
        self.keys = [key or rsa_key()]

    def id_token(self, client_id: str, *, key: Key | None = None, header: Mapping[str, Any] | None = None,
                 **claims: Any) -> str:  # fmt: skip
        """A token as the provider's library hands it to a native app; `claims` override, None leaves one out."""
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": client_id, "iat": now, "exp": now + self.token_lifetime}
        content = {**usual, **self.person, **self.extra_claims(client_id), **claims}
        signer = key or self.keys[0]
        return jwt.encode(
            {name: value for name, value in content.items() if value is not None},
            signer.private,
            signer.algorithm,
            headers={"kid": signer.kid, **(header or {})},
        )

    def extra_claims(self, client_id: str) -> dict[str, Any]:
        return {}

    def grant_code(self, client_id: str, *, nonce: str = "", redirect_uri: str = "", challenge: str = "") -> str:
        """A code; as a native library receives it, without a return address."""
        code = secrets.token_urlsafe(24)
        self.grants[code] = Grant(client_id, self.person["sub"], nonce, redirect_uri, challenge)
        return code

    def accepts_secret(self, client_id: str, secret: str) -> bool:
        raise NotImplementedError

    def _discovery(self, request: Request) -> Reply:
        return Reply.json(
            {
                "issuer": self.issuer,
                "authorization_endpoint": self.issuer + self.authorize_path,
                "token_endpoint": self.issuer + self.token_path,
                "jwks_uri": self.keys_url,
                "response_types_supported": ["code"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    def _keys(self, request: Request) -> Reply:
        return Reply.json({"keys": [key.jwk for key in self.keys]})

    def _authorize(self, request: Request) -> Reply:
        asked = request.query
        address = asked.get("redirect_uri", "")
        if address not in self.clients.get(asked.get("client_id", ""), ()):
            return Reply(400, b"Unknown client or return address.")  # and never a redirect there
        state = {"state": asked["state"]} if "state" in asked else {}
        if asked.get("response_type") != "code" or asked.get("code_challenge_method", "S256") != "S256":
            return _redirect(address, {"error": "invalid_request", **state})
        code = self.grant_code(
            asked["client_id"],
            nonce=asked.get("nonce", ""),
            redirect_uri=address,
            challenge=asked.get("code_challenge", ""),
        )
        return _redirect(address, {"code": code, **state})

    def _token(self, request: Request) -> Reply:
        form = request.form
        if not self.accepts_secret(form.get("client_id", ""), form.get("client_secret", "")):
            return Reply.json({"error": "invalid_client"}, 400)
        grant = self.grants.get(form.get("code", ""))
        if form.get("grant_type") != "authorization_code" or grant is None or not _fits(grant, form):
            return Reply.json({"error": "invalid_grant"}, 400)
        if grant.is_used:  # RFC 6749, section 4.1.2: somebody else has it, too
            self.refresh_tokens.discard(grant.refresh_token)
            return Reply.json({"error": "invalid_grant"}, 400)
        self.grants[form["code"]] = replace(grant, is_used=True)
        self.refresh_tokens.add(grant.refresh_token)
        return Reply.json(
            {
                "access_token": secrets.token_urlsafe(24),
                "token_type": "Bearer",
                "expires_in": self.token_lifetime,
                "refresh_token": grant.refresh_token,
                "id_token": self.id_token(grant.client_id, sub=grant.subject, nonce=grant.nonce or None),
            }
        )


def _fits(grant: Grant, form: Mapping[str, str]) -> bool:
    verifier = form.get("code_verifier", "")
    challenge = base64url_encode(hashlib.sha256(verifier.encode()).digest()).decode() if verifier else ""
    return (
        grant.client_id == form.get("client_id")
        and grant.redirect_uri == form.get("redirect_uri", "")
        and grant.challenge == challenge
        and grant.expires_at > time.time()
    )


def _redirect(address: str, values: Mapping[str, str]) -> Reply:
    return Reply(302, headers={"Location": f"{address}?{urlencode(values)}"})
