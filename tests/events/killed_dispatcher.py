"""A dispatcher in a process of its own that is killed at the moment named on its command line."""
# ruff: noqa: E402  Django is set up before models are imported

import os
import signal
import sys

import django

from tests import environment

environment.prepare()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from core.contributions.events import Published, subscriber
from events import services
from events.services import delivery
from tests.events.facts import new_fact


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@subscriber("test.counted", name="test.killed")
def handle(event: Published) -> None:
    new_fact(name="test.effect", aggregate_id=event.aggregate_id).save()
    die()


if __name__ == "__main__":
    if sys.argv[1] == "claimed":
        delivery._claim()
        die()
    services.dispatch()
