import os
import sys
import threading
import time

import pytest
from django.contrib.auth.hashers import check_password, make_password

from accounts import hashers
from accounts.errors import HashingBusy
from accounts.hashers import HashingThreads


def test_hash__made__is_argon2id_with_our_parameters() -> None:
    encoded = make_password("secret")

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("secret", encoded)
    assert not check_password("Secret", encoded)


def test_hashing__more_than_the_queue_holds__are_turned_away() -> None:
    hashing = HashingThreads(threads=1, queue=1)
    release = threading.Event()
    waiting = [threading.Thread(target=hashing.run, args=(lambda: release.wait(10),)) for _ in range(2)]
    for thread in waiting:
        thread.start()
    _until(lambda: hashing._places._value == 0)

    with pytest.raises(HashingBusy) as refused:
        hashing.run(lambda: None)

    assert (refused.value.status, refused.value.retry_after) == (503, 1)
    release.set()
    for thread in waiting:
        thread.join()
    assert hashing.run(lambda: "made") == "made"


def test_hashing__fails__raises_where_it_was_asked_for_and_goes_on() -> None:
    hashing = HashingThreads(threads=1, queue=0)

    with pytest.raises(ZeroDivisionError):
        hashing.run(lambda: 1 / 0)

    assert hashing.run(lambda: "made") == "made"


def test_hashing__idle__hands_memory_back_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    handed_back: list[bool] = []
    monkeypatch.setattr(hashers, "_hand_memory_back", lambda: handed_back.append(True))
    monkeypatch.setattr(hashers, "IDLE", 0.01)
    hashing = HashingThreads(threads=1, queue=0)

    assert hashing.run(lambda: 1) == 1
    _until(lambda: bool(handed_back))

    assert hashing.run(lambda: 2) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives threads a niceness of their own")
def test_hashing__on_busy_cores__lets_others_go_first() -> None:
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    niceness = HashingThreads(threads=1, queue=0).run(
        lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    )

    assert niceness == hashers.NICENESS > own == os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def _until(condition: object) -> None:
    deadline = time.monotonic() + 5
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.005)
