"""The test page for integrators, in a browser."""

import json
import time

import pytest

from tests.clients.node import CHROMIUM, NODE, NPM, run_client
from tests.live.server import LiveServer
from webhooks import signatures

pytestmark = [
    pytest.mark.xdist_group("live"),
    pytest.mark.skipif(not (NODE and NPM), reason="Node.js and npm are not installed; they drive the browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
BODY = '{"type":"webhook.test","data":{"name":"Zoë"}}'


def request_of(*, age: int = 0, body: str = BODY) -> dict[str, str]:
    """What an endpoint got `age` seconds ago, with `body` in the place of what was signed."""
    secret, sent_at = signatures.new_secret(), int(time.time()) - age
    signature = signatures.sign(secret, message_id="msg_1", timestamp=sent_at, body=BODY.encode())
    received = {"secret": secret, "message": "msg_1", "timestamp": str(sent_at)}
    return {**received, "signature": f"v1,b3RoZXI= {signature}", "body": body}


def test_page__genuine_changed_and_old__are_told_apart(packages: None, server: LiveServer) -> None:
    requests = [request_of(), request_of(body=BODY.replace(":", ": ")), request_of(age=600)]

    assert run_client("webhooks.js", server, CHROMIUM=str(CHROMIUM), REQUESTS=json.dumps(requests)) == [
        "Genuine",
        "Forged",
        "The signature is right",
    ]
