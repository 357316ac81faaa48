"""Facebook: ID tokens of Limited Login, access tokens of classic login, and signed requests.

Facebook never says that it has verified an address, so none counts as verified.
https://developers.facebook.com/docs/facebook-login/limited-login/token/validating
https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow#checktoken
"""

import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime
from typing import Any

import orjson
from django.utils import timezone

from accounts.errors import ProofRefused
from accounts.providers.configuration import client_ids_of, configuration_of
from accounts.providers.id_tokens import claims_of, issued_at, subject_of, text_of
from accounts.providers.types import Notice, Proof, Proven
from accounts.types import Platform, Provider
from core.outbound import Unreachable, call_provider

FACEBOOK = Provider.FACEBOOK
OLDEST_REQUEST = 24 * 3600  # seconds
FIELDS = "id,name,email"


def verify(proof: Proof, platform: Platform) -> Proven:
    return _by_access_token(proof.access_token) if proof.access_token else _by_id_token(proof.id_token, platform)


def notice_of(signed_request: str) -> Notice:
    """Whom a callback is about and when it was signed, if our app's secret did that.

    Raises:
        ProofRefused: not signed by Facebook, or long ago.
    """
    signature, _, payload = signed_request.partition(".")
    secret: str = configuration_of(FACEBOOK)["app_secret"]
    expected = hmac.digest(secret.encode(), payload.encode(), "sha256")
    try:
        if not hmac.compare_digest(_decoded(signature), expected):
            raise ProofRefused(reason="signature")
        content = orjson.loads(_decoded(payload))
        signed_at = int(content["issued_at"])
    except (ValueError, TypeError, KeyError) as error:
        raise ProofRefused(reason="signed_request") from error
    if content.get("algorithm") != "HMAC-SHA256" or abs(time.time() - signed_at) > OLDEST_REQUEST:
        raise ProofRefused(reason="signed_request")
    subject = subject_of({"sub": content.get("user_id")})
    return Notice(subject=subject, occurred_at=datetime.fromtimestamp(signed_at, UTC))


def _by_id_token(id_token: str, platform: Platform) -> Proven:
    claims = claims_of(
        id_token,
        issuers=configuration_of(FACEBOOK)["issuers"],
        client_ids=client_ids_of(FACEBOOK, platform),
        peer=FACEBOOK,
    )
    return Proven(
        provider=FACEBOOK,
        subject=subject_of(claims),
        vouched_at=issued_at(claims),
        email=text_of(claims, "email"),
        full_name=text_of(claims, "name"),
        nonce=text_of(claims, "nonce"),
        client_id=claims["aud"],
    )


def _by_access_token(access_token: str) -> Proven:
    """Ask whom a token was given to and for which app, then who they are. It has no nonce; see the guide."""
    configuration = configuration_of(FACEBOOK)
    app_id, secret = configuration["app_id"], configuration["app_secret"]
    token = _ask("/debug_token", {"input_token": access_token, "access_token": f"{app_id}|{secret}"}).get("data")
    if not isinstance(token, dict) or token.get("is_valid") is not True or str(token.get("app_id")) != app_id:
        raise ProofRefused(reason="audience")
    proof = hmac.new(secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()
    person = _ask("/me", {"fields": FIELDS, "access_token": access_token, "appsecret_proof": proof})
    if token.get("type", "USER") != "USER" or person.get("id") != str(token.get("user_id")):
        raise ProofRefused(reason="subject")
    return Proven(
        provider=FACEBOOK,
        subject=subject_of({"sub": person["id"]}),
        vouched_at=timezone.now().replace(microsecond=0),  # it was asked just now, however old the token is
        email=text_of(person, "email"),
        full_name=text_of(person, "name"),
        client_id=app_id,
    )


def _ask(path: str, query: dict[str, str]) -> dict[str, Any]:
    answer = call_provider("GET", configuration_of(FACEBOOK)["graph_url"] + path, peer=FACEBOOK, query=query)
    if answer.status >= 500 or answer.status == 429:
        raise Unreachable
    if not answer.is_success:
        raise ProofRefused(reason="token")
    return answer.json()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
