"""The page on which integrators check what they got."""

import re

from rest_framework.test import APIClient

from webhooks.publicity import public_events


def test_page__anybody__is_told_of_every_event(api: APIClient) -> None:
    answer = api.get("/webhooks/test")

    assert answer.status_code == 200
    assert public_events()
    assert [name for name in public_events() if f"<code>{name}</code>" not in answer.content.decode()] == []


def test_page__script__is_its_own_and_can_send_nothing(api: APIClient) -> None:
    first, second = (api.get("/webhooks/test") for _ in range(2))

    [nonce] = set(re.findall(r'nonce="([^"]+)"', first.content.decode()))
    policy = first.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert f"script-src 'nonce-{nonce}'" in policy
    assert nonce not in second.headers["Content-Security-Policy"]
    assert first.headers["Cache-Control"] == "no-store"


def test_page__written_to__is_405(api: APIClient) -> None:
    assert api.post("/webhooks/test", {}).status_code == 405
