"""Every train that is served, held to what its clients were answered when it was current.

`RECORD=2024.09 pytest tests/contract` writes down today's answers for the recordings of one train. Do so when a
train is new and never afterwards: a recording that has to change is a client that breaks. The run that records
fails, and shows what was new.
"""

import json
import os
from pathlib import Path

import pytest
import time_machine

from accounts.models import User
from core.http.versions import SERVED_TRAINS
from tests.accounts.actors import SignIn
from tests.contract.conversation import NOW, TRAINS, differences, recordings, replay

RECORDED = [pytest.param(path, id=str(path.relative_to(TRAINS).with_suffix(""))) for path in recordings()]


@pytest.mark.django_db
@pytest.mark.parametrize("recording", RECORDED)
def test_train__its_recorded_requests__answered_as_then(recording: Path, freelancer: User, sign_in: SignIn) -> None:
    train = recording.parent.name
    exchanges = json.loads(recording.read_text())
    with time_machine.travel(NOW, tick=False):
        answered = replay(sign_in(freelancer), exchanges, train)
    if os.environ.get("RECORD") == train:
        recording.write_text(json.dumps(answered, indent=2, ensure_ascii=False) + "\n")

    assert differences(exchanges, answered) == []


def test_recordings__every_served_train__has_some() -> None:
    assert {path.parent.name for path in recordings()} == set(SERVED_TRAINS)


def test_differences__answer_says_more_less_or_otherwise__only_more_is_fine() -> None:
    recorded = {"a": 1, "b": [{"c": None}]}

    assert differences(recorded, {"a": 1, "b": [{"c": None, "new": 1}], "new": 2}) == []
    assert differences(recorded, {"b": [{"c": 0}]}) == ["/a is gone", "/b/0/c was None and is 0"]
    assert differences(recorded, {"a": 1, "b": []}) == ["/b was [{'c': None}] and is []"]
