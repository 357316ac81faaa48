"""Sessions bound to a client's key (RFC 9449): what a proof must be, and what it protects."""

from datetime import timedelta
from typing import Any
from unittest.mock import ANY

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from access.models import AuditEntry
from accounts import dpop
from accounts.models import DeviceSession, User
from accounts.services import rotation
from core.http.access import Audience
from tests.accounts.actors import PASSWORD, SignIn
from tests.accounts.keys import ProofKey, ProvingClient, sign

pytestmark = pytest.mark.django_db(transaction=True)

ME, REFRESH, LOGIN = "/v1/auth/me", "/v1/auth/refresh", "/v1/auth/login"


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def refresh(token: str, proof: str = "") -> Any:
    headers = {"DPoP": proof} if proof else {}
    return APIClient().post(REFRESH, {"refresh_token": token}, format="json", headers=headers)


def call(scheme: str, token: str, proof: str | None = None) -> Any:
    headers = {"Authorization": f"{scheme} {token}"} | ({} if proof is None else {"DPoP": proof})
    return APIClient().get(ME, headers=headers)


@pytest.fixture
def key() -> ProofKey:
    return ProofKey()


@pytest.fixture
def client(freelancer: User, key: ProofKey) -> ProvingClient:
    return ProvingClient(key)


@pytest.fixture
def tokens(client: ProvingClient, freelancer: User) -> Any:
    """A token answer bound to `key`."""
    return client.sign_in(freelancer.email)


def test_login__with_a_proof__binds_the_session(tokens: Any, key: ProofKey) -> None:
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})

    assert tokens["token_type"] == "DPoP"
    assert claims["cnf"] == {"jkt": key.thumbprint}
    assert DeviceSession.objects.get().proof_key == key.thumbprint
    assert tokens["refresh_expires_in"] == 14 * 86400


def test_register__with_a_proof__binds_the_session_on_both_surfaces(db: None, key: ProofKey) -> None:
    for surface, email in (("v1", "ada@example.com"), ("api", "eve@example.com")):
        body = {"email": email, "password": "quite-Long-9-words"}  # and no word of a device
        answer = ProvingClient(key).post(f"/{surface}/auth/register", body, format="json").json()
        assert answer.get("token_type", answer.get("tokenType")) == "DPoP"
    assert set(DeviceSession.objects.values_list("proof_key", flat=True)) == {key.thumbprint}


def test_request__signed__is_answered(client: ProvingClient, tokens: Any, freelancer: User) -> None:
    answer = client.get(ME)

    assert (answer.status_code, answer.json()["email"]) == (200, freelancer.email)
    assert "DPoP-Nonce" not in answer.headers


def test_refresh__signed__rotates_and_stays_bound(client: ProvingClient, tokens: Any, key: ProofKey) -> None:
    answer = refresh(tokens["refresh_token"], key.proof("POST", REFRESH))

    assert answer.status_code == 200
    assert (answer.json()["token_type"], answer.json()["refresh_expires_in"]) == ("DPoP", 14 * 86400)
    client.access_token = answer.json()["access_token"]
    assert client.get(ME).status_code == 200


@pytest.mark.parametrize("thief", ["without a proof", "with a key of their own"])
def test_row_17__refresh__stolen__is_refused_and_the_owner_goes_on(tokens: Any, key: ProofKey, thief: str) -> None:
    proof = "" if thief == "without a proof" else ProofKey().proof("POST", REFRESH)
    before = DeviceSession.objects.values().get()

    assert code(refresh(tokens["refresh_token"], proof)) == (401, "device_mismatch")

    assert DeviceSession.objects.values().get() == before
    audited = AuditEntry.objects.get(action="pop.mismatch")
    assert (audited.outcome, audited.target_id) == ("denied", str(before["id"]))
    assert refresh(tokens["refresh_token"], key.proof("POST", REFRESH)).status_code == 200


def test_stolen_refresh_token__with_a_proof_key_it_is_useless__without_one_it_is_noticed(
    tokens: Any, key: ProofKey, other_freelancer: User, sign_in: SignIn
) -> None:
    """What the whole machinery is for, in one test."""
    stolen = tokens["refresh_token"]
    assert code(refresh(stolen, ProofKey().proof("POST", REFRESH))) == (401, "device_mismatch")
    assert refresh(stolen, key.proof("POST", REFRESH)).status_code == 200  # the owner has noticed nothing

    unbound = sign_in(other_freelancer, Audience.IOS).signed_in.tokens.refresh_token
    thief = refresh(unbound).json()
    assert call("Bearer", thief["access_token"]).status_code == 200
    with time_machine.travel(timezone.now() + rotation.STRAGGLER + timedelta(seconds=1)):
        assert code(refresh(unbound)) == (401, "token_reused")  # the owner comes back, and both are out
        assert call("Bearer", thief["access_token"]).status_code == 401
        assert code(refresh(thief["refresh_token"])) == (401, "session_ended")


def test_refresh__unbound_with_a_proof__stays_unbound(freelancer: User, sign_in: SignIn, key: ProofKey) -> None:
    """Whoever stole the token could otherwise bind it to a key of their own, and shut its owner out."""
    token = sign_in(freelancer, Audience.IOS).signed_in.tokens.refresh_token

    answer = refresh(token, key.proof("POST", REFRESH)).json()

    assert (answer["token_type"], answer["refresh_expires_in"]) == ("bearer", 7 * 86400)
    assert DeviceSession.objects.get().proof_key == ""


@pytest.mark.parametrize(
    ("claims", "header"),
    [
        ({"htm": "POST"}, {}),
        ({"htm": "get"}, {}),
        ({"htm": None}, {}),
        ({"htu": "https://evil.example" + ME}, {}),
        ({"htu": "http://testserver" + ME}, {}),
        ({"htu": settings.PUBLIC_BASE_URL + "/v1/auth/logout"}, {}),
        ({"htu": settings.PUBLIC_BASE_URL.replace("://", "://user@") + ME}, {}),
        ({"htu": "http://[" + ME}, {}),
        ({"htu": None}, {}),
        ({"htu": 7}, {}),
        ({"ath": "AAAA"}, {}),
        ({"ath": None}, {}),
        ({"jti": None}, {}),
        ({"jti": ""}, {}),
        ({"jti": "x" * 257}, {}),
        ({"jti": 7}, {}),
        ({"jti": "\ud800"}, {}),
        ({"iat": None}, {}),
        ({"iat": "now"}, {}),
        ({"iat": True}, {}),
        ({"iat": 1e400}, {}),
        ({}, {"typ": "JWT"}),
        ({}, {"typ": None}),
        ({}, {"alg": "none"}),
        ({}, {"alg": "HS256"}),
        ({}, {"alg": "RS256"}),
        ({}, {"alg": None}),
        ({}, {"crit": ["exp"]}),
        ({}, {"jwk": None}),
        ({}, {"jwk": "key"}),
        ({}, {"jwk": {"kty": "oct", "k": "AAAA"}}),
        ({}, {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}),
        ({}, {"jwk": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}}),
        ({}, {"jwk": {"kty": "EC", "crv": "P-256", "x": 1, "y": 2}}),
        ({"padding": "x" * 2048}, {}),
    ],
    ids=str,
)
def test_row_19__proof__odd__is_refused(
    tokens: Any, key: ProofKey, claims: dict[str, Any], header: dict[str, Any]
) -> None:
    proof = key.proof("GET", ME, tokens["access_token"], header=header, **claims)

    response = call("DPoP", tokens["access_token"], proof)

    assert code(response) == (401, "invalid_dpop_proof")
    assert response.headers["WWW-Authenticate"] == 'DPoP realm="gigvora", error="invalid_dpop_proof", algs="ES256"'


def test_row_19__proof__showing_its_private_key__is_refused(tokens: Any, key: ProofKey) -> None:
    header = {"jwk": {**key.jwk, "d": "A" * 43}}

    response = call("DPoP", tokens["access_token"], key.proof("GET", ME, tokens["access_token"], header=header))

    assert code(response) == (401, "invalid_dpop_proof")


def test_row_19__proof__by_rsa__is_refused(tokens: Any, key: ProofKey) -> None:
    own = rsa.generate_private_key(65537, 2048)
    jwk = {**jwt.algorithms.RSAAlgorithm.to_jwk(own.public_key(), as_dict=True)}
    claims = jwt.decode(key.proof("GET", ME, tokens["access_token"]), options={"verify_signature": False})
    proof = jwt.encode(claims, own, "RS256", headers={"typ": "dpop+jwt", "jwk": jwk})

    assert code(call("DPoP", tokens["access_token"], proof)) == (401, "invalid_dpop_proof")


@pytest.mark.parametrize("proof", ["", "junk", "a.b.c", "a.b.c,d.e.f", "x" * 3000, "é.é.é"])
def test_row_19__proof__no_token_at_all__is_refused(tokens: Any, proof: str) -> None:
    # Two headers arrive as one, joined by a comma
    assert code(call("DPoP", tokens["access_token"], proof)) == (401, "invalid_dpop_proof")


def test_row_19__proof__two_of_them__are_refused(tokens: Any, key: ProofKey) -> None:
    proofs = ",".join(key.proof("GET", ME, tokens["access_token"]) for _ in range(2))

    assert code(call("DPoP", tokens["access_token"], proofs)) == (401, "invalid_dpop_proof")


def test_row_19__proof__signed_by_another_key_than_it_shows__is_refused(tokens: Any, key: ProofKey) -> None:
    proof = ProofKey().proof("GET", ME, tokens["access_token"], header={"jwk": key.jwk})

    assert code(call("DPoP", tokens["access_token"], proof)) == (401, "invalid_dpop_proof")


def test_row_19__proof__of_another_key__is_a_device_mismatch(tokens: Any) -> None:
    response = call("DPoP", tokens["access_token"], ProofKey().proof("GET", ME, tokens["access_token"]))

    assert code(response) == (401, "device_mismatch")
    assert response.headers["WWW-Authenticate"] == 'DPoP realm="gigvora", error="invalid_token", algs="ES256"'
    assert AuditEntry.objects.filter(action="pop.mismatch", outcome="denied").count() == 1


def test_row_19__proof__sent_again__is_refused(tokens: Any, key: ProofKey) -> None:
    proof = key.proof("GET", ME, tokens["access_token"])

    assert call("DPoP", tokens["access_token"], proof).status_code == 200
    assert code(call("DPoP", tokens["access_token"], proof)) == (401, "invalid_dpop_proof")


def test_row_19__proof__sent_again_while_no_cache_is_there__is_refused_by_the_process(
    tokens: Any, key: ProofKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "add", lambda *_, **__: False, raising=False)  # as `core.cache` answers without Redis
    proof = key.proof("GET", ME, tokens["access_token"])

    assert call("DPoP", tokens["access_token"], proof).status_code == 200
    assert code(call("DPoP", tokens["access_token"], proof)) == (401, "invalid_dpop_proof")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_row_19__bound_token__sent_as_bearer__is_refused(tokens: Any, key: ProofKey, scheme: str) -> None:
    assert code(call(scheme, tokens["access_token"])) == (401, "device_mismatch")
    proof = key.proof("GET", ME, tokens["access_token"])
    assert code(call(scheme, tokens["access_token"], proof)) == (401, "device_mismatch")


def test_unbound_token__sent_with_a_proof__is_refused(freelancer: User, sign_in: SignIn, key: ProofKey) -> None:
    token = sign_in(freelancer).signed_in.tokens.access_token

    assert code(call("DPoP", token, key.proof("GET", ME, token))) == (401, "device_mismatch")
    assert call("Bearer", token).status_code == 200


@pytest.mark.parametrize("minutes", [-2, 2, 60 * 24 * 365])
def test_row_19__proof__clock_is_off__is_given_a_nonce_and_then_passes(
    tokens: Any, key: ProofKey, minutes: int
) -> None:
    token = tokens["access_token"]
    iat = int((timezone.now() + timedelta(minutes=minutes)).timestamp())

    refused = call("DPoP", token, key.proof("GET", ME, token, iat=iat))
    nonce = refused.headers["DPoP-Nonce"]
    accepted = call("DPoP", token, key.proof("GET", ME, token, iat=iat, nonce=nonce))

    assert refused.status_code == 401
    assert refused.json() == {
        "type": "https://docs.gigvora.com/problems/use_dpop_nonce",
        "title": "Unauthorized",
        "status": 401,
        "detail": "The time of the DPoP proof is off. Make another one with this nonce.",
        "instance": ME,
        "code": "use_dpop_nonce",
        "message": "The time of the DPoP proof is off. Make another one with this nonce.",
        "trace_id": ANY,
        "dpop_nonce": nonce,
    }
    assert refused.headers["WWW-Authenticate"] == 'DPoP realm="gigvora", error="use_dpop_nonce", algs="ES256"'
    assert accepted.status_code == 200
    assert accepted.headers["DPoP-Nonce"]


def test_login__clock_is_off__binds_after_one_nonce(freelancer: User, key: ProofKey) -> None:
    body = {"email": freelancer.email, "password": PASSWORD}

    refused = APIClient().post(LOGIN, body, format="json", headers={"DPoP": key.proof("POST", LOGIN, iat=0)})
    proof = key.proof("POST", LOGIN, iat=0, nonce=refused.headers["DPoP-Nonce"])
    accepted = APIClient().post(LOGIN, body, format="json", headers={"DPoP": proof})

    assert code(refused) == (401, "use_dpop_nonce")
    assert (accepted.status_code, accepted.json()["token_type"]) == (200, "DPoP")


@pytest.mark.parametrize("nonce", ["stale", "forged", "", "\ud800", 7])
def test_row_19__proof__with_a_wrong_nonce__is_given_another(tokens: Any, key: ProofKey, nonce: Any) -> None:
    if nonce == "stale":
        with time_machine.travel(timezone.now() - timedelta(seconds=2 * dpop.NONCE_SLOT)):
            nonce = dpop.current_nonce()
    token = tokens["access_token"]

    assert code(call("DPoP", token, key.proof("GET", ME, token, nonce=nonce))) == (401, "use_dpop_nonce")


@pytest.mark.parametrize("host", ["evil.example", "testserver"])
def test_row_20__proof__host_header_of_the_senders_choice__decides_nothing(
    tokens: Any, key: ProofKey, host: str, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.PUBLIC_BASE_URL = "https://api.gigvora.com"
    token = tokens["access_token"]
    headers = {"Authorization": f"DPoP {token}", "Host": host, "X-Forwarded-Host": host}
    ours = key.proof("GET", ME, token)
    theirs = key.proof("GET", ME, token, htu=f"https://{host}{ME}")

    assert APIClient().get(ME, headers={**headers, "DPoP": theirs}).status_code == 401
    assert APIClient().get(ME, headers={**headers, "DPoP": ours}).status_code == 200


@pytest.mark.parametrize(
    "htu", ["{base}:443{path}", "{base}{path}?a=b", "{base}{path}#top", "HTTPS://API.gigvora.com{path}"]
)
def test_proof__address_written_otherwise__is_the_same(
    tokens: Any, key: ProofKey, htu: str, settings: Settings
) -> None:
    settings.PUBLIC_BASE_URL = base = "https://api.gigvora.com"
    token = tokens["access_token"]

    proof = key.proof("GET", ME, token, htu=htu.format(base=base, path=ME))

    assert call("DPoP", token, proof).status_code == 200


def test_refresh__answer_lost_for_an_hour__signed_retry_gives_the_same_successor(tokens: Any, key: ProofKey) -> None:
    lost = refresh(tokens["refresh_token"], key.proof("POST", REFRESH)).json()

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        retried = refresh(tokens["refresh_token"], key.proof("POST", REFRESH))

    assert retried.status_code == 200
    assert retried.json()["refresh_token"] == lost["refresh_token"]


def test_refresh__successor_used__signed_straggler_is_reuse(client: ProvingClient, tokens: Any, key: ProofKey) -> None:
    client.access_token = refresh(tokens["refresh_token"], key.proof("POST", REFRESH)).json()["access_token"]
    assert client.get(ME).status_code == 200

    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        assert code(refresh(tokens["refresh_token"], key.proof("POST", REFRESH))) == (401, "token_reused")


@pytest.mark.parametrize(("lead", "expected"), [(rotation.MAX_LEAD, 200), (rotation.MAX_LEAD + 1, 401)])
def test_refresh__database_restored__signed_token_ahead_of_its_row_goes_on(
    tokens: Any, key: ProofKey, lead: int, expected: int
) -> None:
    token = tokens["refresh_token"]
    for _ in range(lead):
        token = refresh(token, key.proof("POST", REFRESH)).json()["refresh_token"]
    DeviceSession.objects.update(counter=0)

    answer = refresh(token, key.proof("POST", REFRESH))

    assert answer.status_code == expected
    assert AuditEntry.objects.filter(action="refresh.counter_ahead").count() == (1 if expected == 200 else 0)


@pytest.mark.parametrize(
    ("platform", "idle"), [("ios", timedelta(days=14)), ("android", timedelta(days=14)), ("web", timedelta(days=1))]
)
def test_refresh__bound_and_idle__ends_later_on_phones(
    freelancer: User, key: ProofKey, platform: str, idle: timedelta
) -> None:
    token = ProvingClient(key).sign_in(freelancer.email, platform)["refresh_token"]

    with time_machine.travel(timezone.now() + idle - timedelta(seconds=5)):
        token = refresh(token, key.proof("POST", REFRESH)).json()["refresh_token"]
        with time_machine.travel(timezone.now() + idle + timedelta(seconds=5)):
            assert code(refresh(token, key.proof("POST", REFRESH))) == (401, "session_ended")


def test_sign__none__has_no_signature(key: ProofKey) -> None:
    """The forger of these tests forges."""
    assert sign({}, {"alg": "none"}, key.private).endswith(".")
