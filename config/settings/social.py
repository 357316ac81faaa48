"""Sign-in with Apple, Google and Facebook: whose word counts, where their keys are, as which clients they know us.

Everything that decides about trust is pinned here, and nothing of it is discovered at run time.
"""

from typing import Any

from config.settings.base import ENV

_social = ENV.social
_GOOGLE = "https://accounts.google.com"
_google_keys = "https://www.googleapis.com" if _social.google_issuer == _GOOGLE else _social.google_issuer
_limited = _social.facebook_issuer.replace("//www.", "//limited.")  # Facebook's Limited Login
_FACEBOOK_KEYS = "/.well-known/oauth/openid/jwks/"


def _by_platform(client_ids: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    pairs = [client_id.split(":", 1) for client_id in client_ids]
    return {platform: tuple(known for of, known in pairs if of == platform) for platform, _ in pairs}


# `issuers`: each spelling of an issuer, with the address of its keys.
SOCIAL_PROVIDERS: dict[str, dict[str, Any]] = {
    "apple": {
        "client_ids": _by_platform(_social.apple_client_ids),
        "issuers": {_social.apple_issuer: f"{_social.apple_issuer}/auth/keys"},
        "token_url": f"{_social.apple_issuer}/auth/token",
        "revoke_url": f"{_social.apple_issuer}/auth/revoke",
        "team_id": ENV.linking.apple_team_id,
        "key_id": _social.apple_key_id,
        "private_key": _social.apple_private_key,
        "redirect_uri": _social.apple_redirect_uri,
    },
    "google": {
        "client_ids": _by_platform(_social.google_client_ids),
        "issuers": dict.fromkeys(
            (_social.google_issuer, _social.google_issuer.removeprefix("https://")), f"{_google_keys}/oauth2/v3/certs"
        ),
    },
    "facebook": {
        "client_ids": dict.fromkeys(("android", "ios", "web"), (_social.facebook_app_id,))
        if _social.facebook_app_id
        else {},
        "issuers": {
            _social.facebook_issuer: _social.facebook_issuer + _FACEBOOK_KEYS,
            _limited: _limited + _FACEBOOK_KEYS,
        },
        "graph_url": f"{_social.facebook_graph_url}/v23.0",
        "app_id": _social.facebook_app_id,
        "app_secret": _social.facebook_app_secret,
    },
}
