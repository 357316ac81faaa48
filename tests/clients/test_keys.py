"""Keys in the hands of the libraries that real clients use: `jose`, `canonicalize`, and a browser with passkeys."""

import socket
from collections.abc import Iterator

import pytest

from tests.clients.node import CHROMIUM, NODE, NPM, run_client
from tests.live.server import LiveServer, serve

pytestmark = [
    pytest.mark.xdist_group("live"),
    pytest.mark.skipif(not (NODE and NPM), reason="Node.js and npm are not installed; these clients are JavaScript"),
]


@pytest.fixture(scope="module")
def page_port() -> int:
    """Where the page with passkeys will be: an origin of its own, as a web app has beside its API."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def keyed_server(tmp_path_factory: pytest.TempPathFactory, page_port: int) -> Iterator[LiveServer]:
    page = f"http://localhost:{page_port}"
    with serve(tmp_path_factory.mktemp("keys"), CORS_EXTRA_ORIGINS=page, PASSKEY_ORIGINS=page) as running:
        yield running


def test_row_19__dpop__proofs_by_jose__bind_the_session(packages: None, keyed_server: LiveServer) -> None:
    # and row 17
    assert run_client("dpop.js", keyed_server) == [
        "signed in: 200 DPoP",
        "bound to this key: true",
        "signed request: 200",
        "as a bearer token: 401 device_mismatch",
        "clock an hour late: 401 use_dpop_nonce",
        "with the nonce: 200",
        "refresh without a proof: 401 device_mismatch",
        "refresh: 200",
        "with the new token: 200",
    ]


def test_biometric__key_of_nodes_own_crypto__signs_in_and_signs_transactions(
    packages: None, keyed_server: LiveServer
) -> None:
    assert run_client("biometric.js", keyed_server) == [
        "enrolled: 201",
        "signed in: 200 on the same device: true",
        "stepped up: 200 true",
        "transaction: 200 true",
    ]


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_passkeys__browser_with_an_authenticator__registers_and_signs_in(
    packages: None, keyed_server: LiveServer, page_port: int
) -> None:
    assert run_client("passkeys.js", keyed_server, CHROMIUM=str(CHROMIUM), PAGE_PORT=str(page_port)) == [
        "registered: 201 Chromium internal",
        "signed in without an address: 200 true",
        "signed in with an address: 200 true",
        "with nobody there: NotAllowedError",
    ]
