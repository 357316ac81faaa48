"""The keys of providers: fetched rarely, shared, kept while a provider is away; and what its absence costs (R12)."""

import time

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts.providers.keys import store
from tests.accounts.social.conftest import IPHONE, new_nonce, outcome, sign_in_with
from tests.fakes.https import Reply
from tests.fakes.openid import Key, OpenIdProvider
from tests.fakes.providers import FakeApple, FakeGoogle

pytestmark = pytest.mark.django_db

REFUSED = (401, "invalid_social_token")


def keys_fetched(provider: OpenIdProvider) -> int:
    return len(provider.server.calls(provider.keys_path))


def test_keys__many_sign_ins__are_fetched_once(google: FakeGoogle) -> None:
    for _ in range(3):
        assert sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce())).status_code == 200

    assert keys_fetched(google) == 1


def test_keys__new_process__takes_them_from_the_cache(google: FakeGoogle) -> None:
    sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))
    store.forget()

    assert sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce())).status_code == 200
    assert keys_fetched(google) == 1


def test_keys__rotated__are_asked_for_again(google: FakeGoogle) -> None:
    sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))
    google.rotate()

    with time_machine.travel(time.time() + 120):
        assert sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce())).status_code == 200
    assert keys_fetched(google) == 2


def test_keys__ids_made_up__do_not_make_us_call(google: FakeGoogle) -> None:
    sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))

    with time_machine.travel(time.time() + 120):
        for number in range(20):
            token = google.id_token(google.web, header={"kid": f"made-up-{number}"})
            assert outcome(sign_in_with("google", id_token=token)) == REFUSED
    assert keys_fetched(google) == 2


@pytest.mark.parametrize(
    "document",
    [
        b"", b"[]", b'{"keys": 7}', b'{"keys": []}', b'{"keys": [7, {}, {"kty": "oct", "k": "c2VjcmV0", "kid": "1"}]}',
    ],
)  # fmt: skip
def test_keys__nonsense__is_the_providers_fault(google: FakeGoogle, document: bytes) -> None:
    google.server.fault = Reply(200, document)

    response = sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))

    assert outcome(response) == (503, "provider_unavailable")


@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits")
def test_keys__too_short__are_not_trusted(google: FakeGoogle) -> None:
    google.keys.append(Key("weak", rsa.generate_private_key(65537, 1024)))  # noqa: S505  that it is weak is the point
    token = google.id_token(google.web, key=google.keys[1], nonce=new_nonce())

    assert outcome(sign_in_with("google", id_token=token)) == REFUSED


def test_r12__provider_is_silent_and_keys_are_known__people_come_in_at_once(google: FakeGoogle) -> None:
    sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))
    google.server.hang = 30
    for hours in (2, 12, 23):
        with time_machine.travel(time.time() + hours * 3600):
            token, began = google.id_token(google.web, nonce=new_nonce()), time.perf_counter()
            response = sign_in_with("google", id_token=token)
            took = time.perf_counter() - began
        assert response.status_code == 200
        assert took < 0.5


def test_r12__provider_is_silent_and_keys_are_a_day_old__is_unavailable(google: FakeGoogle) -> None:
    sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))
    google.server.fault = Reply(503)

    with time_machine.travel(time.time() + 25 * 3600):
        response = sign_in_with("google", id_token=google.id_token(google.web, nonce=new_nonce()))

    assert outcome(response) == (503, "provider_unavailable")
    assert response.headers["Retry-After"] == "1"


def test_r12__provider_is_silent__costs_seconds_at_first_and_nothing_then(google: FakeGoogle) -> None:
    google.server.hang = 30
    waited = []
    for _ in range(4):
        token, began = google.id_token(google.web, nonce=new_nonce()), time.perf_counter()
        response = sign_in_with("google", id_token=token)
        waited.append(time.perf_counter() - began)
        assert outcome(response) == (503, "provider_unavailable")

    assert max(waited) < 4
    assert waited[-1] < 0.5
    assert 1 < int(response.headers["Retry-After"]) <= 11


def test_r12__token_endpoint_is_down__the_same_proof_works_later(apple: FakeApple) -> None:
    body = {
        "id_token": apple.id_token(apple.ios, nonce=new_nonce()),
        "authorization_code": apple.grant_code(apple.ios),
        "device": IPHONE,
    }
    answer = apple.server.routes.pop(("POST", "/auth/token"))
    apple.server.routes["POST", "/auth/token"] = lambda request: Reply(502)
    assert outcome(sign_in_with("apple", **body)) == (503, "provider_unavailable")
    apple.server.routes["POST", "/auth/token"] = answer

    assert sign_in_with("apple", **body).status_code == 200
