import threading
import time

import pytest
from django.contrib.auth.hashers import check_password, make_password

from accounts.errors import HashingBusy
from accounts.hashers import HashingSlots


def test_hash__made__is_argon2id_with_our_parameters() -> None:
    encoded = make_password("secret")

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("secret", encoded)
    assert not check_password("Secret", encoded)


def test_slots__more_than_the_queue_holds__are_turned_away() -> None:
    slots = HashingSlots(slots=1, queue=1)
    release = threading.Event()
    waiting = [threading.Thread(target=_hold, args=(slots, release)) for _ in range(2)]
    for thread in waiting:
        thread.start()
    _until(lambda: slots._places._value == 0)

    with pytest.raises(HashingBusy) as refused, slots.take():
        pass

    assert (refused.value.status, refused.value.retry_after) == (503, 1)
    release.set()
    for thread in waiting:
        thread.join()
    with slots.take():
        pass


def _hold(slots: HashingSlots, release: threading.Event) -> None:
    with slots.take():
        release.wait(10)


def _until(condition: object) -> None:
    deadline = time.monotonic() + 5
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.005)
