import httpx
import pytest

from tests.live.server import LiveServer, serve

pytestmark = pytest.mark.xdist_group("live")


def test_server__embedded__answers_health(server: LiveServer) -> None:
    assert httpx.get(f"{server.url}/health").json() == {"status": "ok"}


def test_server__web_process__answers_health(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serve(tmp_path_factory.mktemp("web"), "web", WEB_CONCURRENCY="1") as web:
        assert httpx.get(f"{web.url}/health").json() == {"status": "ok"}
