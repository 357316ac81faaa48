"""An OpenID client library (Authlib) signs in at each provider and hands what it got to a running server.

The code flow with PKCE, state and nonce, discovery and keys, the check of the ID token on the client's side: all of
it is the library's, over real HTTPS. What is ours is the server, started with nothing but its environment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt as jose
from joserfc.jwk import KeySet

from tests.fakes.https import authority_file, trusting
from tests.fakes.openid import OpenIdProvider
from tests.fakes.providers import RETURN_ADDRESS, FakeApple, FakeFacebook, FakeGoogle
from tests.live.server import LiveServer, serve

pytestmark = pytest.mark.xdist_group("live")


@dataclass(frozen=True, slots=True)
class Providers:
    apple: FakeApple
    google: FakeGoogle
    facebook: FakeFacebook
    server: LiveServer


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Providers]:
    with FakeApple() as apple, FakeGoogle() as google, FakeFacebook() as facebook:
        environment = {
            "OUTBOUND_CA_FILE": authority_file(),
            "APPLE_ISSUER": apple.issuer,
            "APPLE_CLIENT_IDS": f"ios:{apple.ios},web:{apple.web}",
            "APPLE_TEAM_ID": apple.team_id,
            "APPLE_KEY_ID": apple.key_id,
            "APPLE_PRIVATE_KEY": apple.settings()["private_key"].replace("\n", "\\n"),
            "APPLE_REDIRECT_URI": RETURN_ADDRESS,
            "GOOGLE_ISSUER": google.issuer,
            "GOOGLE_CLIENT_IDS": f"web:{google.web}",
            "FACEBOOK_ISSUER": facebook.issuer,
            "FACEBOOK_GRAPH_URL": facebook.issuer,
            "FACEBOOK_APP_ID": facebook.app_id,
            "FACEBOOK_APP_SECRET": facebook.app_secret,
        }
        with serve(tmp_path_factory.mktemp("openid"), **environment) as server:
            yield Providers(apple, google, facebook, server)


def discover(provider: OpenIdProvider) -> Any:
    return httpx.get(f"{provider.issuer}/.well-known/openid-configuration", verify=trusting()).json()


def sign_in_at(provider: OpenIdProvider, client_id: str, secret: str, nonce: str) -> Any:
    """What the library holds after a person has signed in: its token answer, with an ID token that it has checked."""
    known = discover(provider)
    with OAuth2Client(
        client_id, secret, scope="openid email", redirect_uri=RETURN_ADDRESS, code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post", verify=trusting(),
    ) as client:  # fmt: skip
        verifier = generate_token(48)
        address, state = client.create_authorization_url(
            known["authorization_endpoint"], nonce=nonce, code_verifier=verifier
        )
        returned = httpx.get(address, verify=trusting()).headers["Location"]
        token = client.fetch_token(
            known["token_endpoint"], authorization_response=returned, state=state, code_verifier=verifier
        )
    keys = KeySet.import_key_set(httpx.get(known["jwks_uri"], verify=trusting()).json())
    claims = jose.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (known["issuer"], client_id, nonce)
    return token


def authorize_at(provider: OpenIdProvider, client_id: str, nonce: str) -> str:
    """A code alone, for a server that exchanges it itself."""
    with OAuth2Client(client_id, scope="openid email", redirect_uri=RETURN_ADDRESS) as client:
        address, _ = client.create_authorization_url(discover(provider)["authorization_endpoint"], nonce=nonce)
    returned = httpx.get(address, verify=trusting()).headers["Location"]
    return parse_qs(urlsplit(returned).query)["code"][0]


def test_google__code_flow_with_proof_key__opens_an_account(world: Providers) -> None:
    with httpx.Client(base_url=f"{world.server.url}/v1/auth", timeout=20) as app:
        nonce = app.post("/social/nonce").json()["nonce"]
        token = sign_in_at(world.google, world.google.web, world.google.secret, nonce)

        answer = app.post("/social/google", json={"id_token": token["id_token"], "nonce": nonce})

        assert answer.status_code == 200, answer.text
        me = app.get("/me", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}).json()
        assert (me["email"], me["is_email_verified"]) == (world.google.person["email"], True)
        refreshed = app.post("/refresh", json={"refresh_token": answer.json()["refresh_token"]})
        assert refreshed.status_code == 200
        replayed = app.post("/social/google", json={"id_token": token["id_token"], "nonce": nonce})
        assert (replayed.status_code, replayed.json()["code"]) == (401, "invalid_social_token")


def test_facebook__code_flow_with_proof_key__opens_an_account(world: Providers) -> None:
    with httpx.Client(base_url=f"{world.server.url}/v1/auth", timeout=20) as app:
        nonce = app.post("/social/nonce").json()["nonce"]
        token = sign_in_at(world.facebook, world.facebook.app_id, world.facebook.app_secret, nonce)

        answer = app.post("/social/facebook", json={"id_token": token["id_token"], "nonce": nonce})

        assert answer.status_code == 200, answer.text
        assert answer.json()["user"]["email"] == world.facebook.person["email"]


def test_apple__code_given_to_us__is_exchanged_and_revoked_with_the_identity(world: Providers) -> None:
    apple = world.apple
    apple.person = {**apple.person, "email": "x1@privaterelay.appleid.com"}
    with httpx.Client(base_url=f"{world.server.url}/v1/auth", timeout=20) as app:
        nonce = app.post("/social/nonce").json()["nonce"]
        code = authorize_at(apple, apple.web, nonce)

        answer = app.post(
            "/social/apple", json={"id_token": apple.id_token(apple.web, nonce=nonce), "authorization_code": code}
        )

        assert answer.status_code == 200, answer.text
        assert len(apple.refresh_tokens) == 1
        app.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        assert [identity["provider"] for identity in app.get("/social/identities").json()["data"]] == ["apple"]
        told = app.post("/social/apple/events", json={"payload": apple.notice("consent-revoked", client_id=apple.web)})
        assert told.status_code == 200
        assert app.get("/me").status_code == 401


@pytest.mark.parametrize("wrong", ["proof key", "return address", "secret"])
def test_client__mistaken__gets_nothing(world: Providers, wrong: str) -> None:
    google = world.google
    code = authorize_at(google, google.web, "n")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": google.web,
        "client_secret": "guessed" if wrong == "secret" else google.secret,
        "redirect_uri": "https://evil.example/" if wrong == "return address" else RETURN_ADDRESS,
        **({"code_verifier": "x" * 43} if wrong == "proof key" else {}),
    }

    answer = httpx.post(discover(google)["token_endpoint"], data=form, verify=trusting())

    assert answer.status_code == 400
    assert "id_token" not in answer.json()
