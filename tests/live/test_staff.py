"""The staff site as a browser sees it: its pages stand, with their styles, behind the sign-in."""

import re

import httpx
import pytest

from tests.live.server import LiveServer

pytestmark = pytest.mark.xdist_group("live")


def test_staff_site__opened__shows_the_sign_in_with_its_styles(server: LiveServer) -> None:
    page = httpx.get(f"{server.url}/admin/login/", timeout=20)

    assert page.status_code == 200
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
    assert styles
    assert {httpx.get(server.url + style).status_code for style in styles} == {200}
