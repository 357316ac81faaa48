"""Apple, Google and Facebook, as far as signing in with them goes."""

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.https import Reply, Request
from tests.fakes.openid import OpenIdProvider, ec_key

RETURN_ADDRESS = "https://app.gigvora.com/signed-in"


class FakeApple(OpenIdProvider):
    """Client secrets are tokens that we sign; authorization codes yield refresh tokens, which can be revoked."""

    keys_path = "/auth/keys"
    authorize_path = "/auth/authorize"
    token_path = "/auth/token"
    token_lifetime = 86_400
    team_id, key_id = "A1B2C3D4E5", "KEY1234567"
    ios, web = "com.gigvora.app", "com.gigvora.signin"

    def __init__(self) -> None:
        super().__init__()
        self.client_key = ec_key()
        self.clients = {self.ios: (), self.web: (RETURN_ADDRESS,)}

    def routes(self) -> dict[tuple[str, str], Any]:
        return {**super().routes(), ("POST", "/auth/revoke"): self._revoke}

    def settings(self) -> dict[str, Any]:
        private: Any = self.client_key.private
        return {
            "client_ids": {"ios": (self.ios,), "web": (self.web,)},
            "issuers": {self.issuer: self.keys_url},
            "token_url": self.issuer + self.token_path,
            "revoke_url": f"{self.issuer}/auth/revoke",
            "team_id": self.team_id,
            "key_id": self.key_id,
            "private_key": private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
            "redirect_uri": RETURN_ADDRESS,
        }

    def extra_claims(self, client_id: str) -> dict[str, Any]:
        return {"nonce_supported": True, "auth_time": int(time.time())}

    def accepts_secret(self, client_id: str, secret: str) -> bool:
        public: Any = self.client_key.private.public_key()
        try:
            claims = jwt.decode(secret, public, ["ES256"], audience=self.issuer, issuer=self.team_id)
        except jwt.InvalidTokenError:
            return False
        is_short = claims["exp"] - claims["iat"] <= 15_777_000  # six months
        return bool(is_short and claims["sub"] == client_id and jwt.get_unverified_header(secret)["kid"] == self.key_id)

    def notice(self, kind: str, *, client_id: str = "", **claims: Any) -> str:
        """A server-to-server notification: the event inside is text, as Apple has it."""
        event = {"type": kind, "sub": self.person["sub"], "event_time": int(time.time() * 1000)}
        if kind.startswith("email-"):
            event |= {"email": self.person["email"], "is_private_email": "true"}
        usual = {"jti": secrets.token_urlsafe(16), "events": orjson.dumps(event).decode()}
        bare = dict.fromkeys(("sub", "email", "email_verified", "nonce_supported", "auth_time"))
        return self.id_token(client_id or self.ios, **{**bare, **usual, **claims})

    def _revoke(self, request: Request) -> Reply:
        form = request.form
        if not self.accepts_secret(form.get("client_id", ""), form.get("client_secret", "")):
            return Reply.json({"error": "invalid_client"}, 400)
        self.refresh_tokens.discard(form.get("token", ""))
        self.revoked.append(form.get("token", ""))
        return Reply(200)  # whatever it was


class FakeGoogle(OpenIdProvider):
    """Android apps ask for tokens for the web client, so `azp` is their own id and `aud` the other."""

    keys_path = "/oauth2/v3/certs"
    authorize_path = "/o/oauth2/v2/auth"
    token_path = "/token"
    ios, android, web = (f"{number}.apps.googleusercontent.com" for number in ("1-ios", "1-android", "1-web"))
    secret = "GOCSPX-secret"

    def __init__(self) -> None:
        super().__init__()
        self.clients = {self.web: (RETURN_ADDRESS,)}

    def settings(self) -> dict[str, Any]:
        return {
            "client_ids": {"ios": (self.ios,), "android": (self.web, self.android), "web": (self.web,)},
            "issuers": {self.issuer: self.keys_url, self.issuer.removeprefix("https://"): self.keys_url},
        }

    def extra_claims(self, client_id: str) -> dict[str, Any]:
        return {"azp": client_id}

    def accepts_secret(self, client_id: str, secret: str) -> bool:
        return secret == self.secret


class FakeFacebook(OpenIdProvider):
    """Limited Login by ID token; classic login by access tokens, which the Graph API knows."""

    keys_path = "/.well-known/oauth/openid/jwks/"
    authorize_path = "/v23.0/dialog/oauth"
    token_path = "/v23.0/oauth/access_token"
    app_id, app_secret = "1234567890", "f4c3b00k"

    def __init__(self) -> None:
        super().__init__()
        self.person = {"sub": "10150000000000001", "email": "ada@example.com", "name": "Ada Lovelace"}
        self.clients = {self.app_id: (RETURN_ADDRESS,)}
        self.access_tokens: dict[str, dict[str, Any]] = {}

    def routes(self) -> dict[tuple[str, str], Any]:
        graph = {("GET", "/v23.0/debug_token"): self._debug_token, ("GET", "/v23.0/me"): self._me}
        return {**super().routes(), **graph}

    def settings(self) -> dict[str, Any]:
        return {
            "client_ids": dict.fromkeys(("ios", "android", "web"), (self.app_id,)),
            "issuers": {self.issuer: self.keys_url},
            "graph_url": f"{self.issuer}/v23.0",
            "app_id": self.app_id,
            "app_secret": self.app_secret,
        }

    def accepts_secret(self, client_id: str, secret: str) -> bool:
        return secret == self.app_secret

    def access_token(self, **told: Any) -> str:
        """A token of classic login; `told` overrides what the Graph API says of it."""
        token = f"EAA{secrets.token_hex(20)}"
        usual = {"app_id": self.app_id, "type": "USER", "is_valid": True, "user_id": self.person["sub"]}
        self.access_tokens[token] = {**usual, "scopes": ["email", "public_profile"], **told}
        return token

    def signed_request(self, *, secret: str = "", algorithm: str = "HMAC-SHA256", **content: Any) -> str:
        usual = {"user_id": self.person["sub"], "algorithm": algorithm, "issued_at": int(time.time())}
        payload = _encoded(orjson.dumps({**usual, **content}))
        signature = hmac.digest((secret or self.app_secret).encode(), payload.encode(), "sha256")
        return f"{_encoded(signature)}.{payload}"

    def _debug_token(self, request: Request) -> Reply:
        if request.query.get("access_token") != f"{self.app_id}|{self.app_secret}":
            return Reply.json({"error": {"message": "Invalid OAuth access token signature.", "code": 190}}, 400)
        known = self.access_tokens.get(request.query.get("input_token", ""))
        error = {"is_valid": False, "error": {"code": 190, "message": "The access token could not be decrypted"}}
        return Reply.json({"data": known or error})

    def _me(self, request: Request) -> Reply:
        token = request.query.get("access_token", "")
        proof = hmac.new(self.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if token not in self.access_tokens or request.query.get("appsecret_proof") != proof:
            return Reply.json({"error": {"message": "Invalid appsecret_proof provided in the API argument"}}, 400)
        known = {"id": self.person["sub"], "name": self.person.get("name"), "email": self.person.get("email")}
        fields = request.query.get("fields", "id,name").split(",")
        return Reply.json({name: value for name, value in known.items() if name in fields and value is not None})


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
