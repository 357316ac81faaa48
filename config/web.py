"""granian for `web` and `admin`: the application is loaded first, then the workers are forked from it.

What was loaded before is in memory once for all of them, so a second worker costs half of what the first one does.
`config.serve` starts this; not here: what is served (`config/wsgi.py`), and by which threads (`config/threads.py`).
"""

import logging

from django.conf import settings
from django.db import connections
from granian import Granian
from granian.constants import Interfaces

import config.wsgi  # noqa: F401  loads the application
from config import threads
from config.crew import IDLE_TIMEOUT
from config.env import read_environment
from config.serve import GRACE


def main() -> None:
    env = read_environment()
    connections.close_all()  # a line to the database that several processes speak on would be the end of both
    threads.install()
    logging.getLogger("_granian").addFilter(_is_news)
    server = Granian(
        "config.wsgi:application",
        interface=Interfaces.WSGI,
        address=env.host,
        port=env.port,
        workers=env.workers,
        blocking_threads=threads.MOST,
        blocking_threads_idle_timeout=IDLE_TIMEOUT,
        workers_kill_timeout=GRACE,
        respawn_failed_workers=True,
        websockets=False,
        log_dictconfig=settings.LOGGING,
    )
    server.serve()


def _is_news(record: logging.LogRecord) -> bool:
    """Of so many threads granian warns, but all but two of them wait."""
    return "Python threads" not in record.getMessage()


if __name__ == "__main__":
    main()
