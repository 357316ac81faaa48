import os
import sys
from pathlib import Path

import httpx
import pytest

from tests.live.people import eventually, new_app
from tests.live.server import LiveServer, serve

pytestmark = pytest.mark.xdist_group("live")


def test_server__embedded__answers_health(server: LiveServer) -> None:
    assert httpx.get(f"{server.url}/health").json() == {"status": "ok"}


@pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="needs Redis: set REDIS_URL")
def test_server__all_beside_redis__does_what_is_done_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    with serve(tmp_path) as server:
        new_app(server)
        assert eventually(lambda: server.mails)


def test_server__web_process__answers_health(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serve(tmp_path_factory.mktemp("web"), "web", WEB_CONCURRENCY="1") as web:
        assert httpx.get(f"{web.url}/health").json() == {"status": "ok"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are not forked, and there is no /proc")
def test_server__two_workers__share_what_was_loaded_before_them(tmp_path: Path) -> None:
    with serve(tmp_path, "web", WEB_CONCURRENCY="2") as server:
        pid = server.process.pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        assert len(workers) == 2
        for worker in workers:
            assert _kilobytes(worker, "Pss") < 0.7 * _kilobytes(worker, "Rss")


def _kilobytes(pid: str, what: str) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:"))
