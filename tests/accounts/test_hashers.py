import os
import sys
import threading
import time

import pytest
from argon2.low_level import Type, hash_secret
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

from accounts import hashers
from accounts.errors import HashingBusy
from accounts.hashers import Argon2idHasher, HashingThreads


class Reference(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 2, 19 * 1024, 1


def test_hash__made__is_argon2id_with_our_parameters() -> None:
    encoded = make_password("secret")

    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("secret", encoded)
    assert not check_password("Secret", encoded)


@pytest.mark.parametrize("password", ["secret", "", "ünï€ode\0", "x" * 5000], ids=["plain", "empty", "odd", "long"])
def test_hash__made__is_what_djangos_own_hasher_makes(password: str) -> None:
    ours, reference = Argon2idHasher(), Reference()
    salt = ours.salt()

    assert ours.encode(password, salt) == reference.encode(password, salt)
    assert reference.verify(password, ours.encode(password, salt))
    assert not ours.must_update(ours.encode(password, salt))


@pytest.mark.parametrize(
    "costs", [{}, {"parallelism": 4}, {"time_cost": 3}, {"memory_cost": 64}], ids=["usual", "lanes", "time", "memory"]
)
def test_hash__made_by_djangos_own_hasher__still_signs_in(costs: dict[str, int]) -> None:
    reference = Reference()
    for name, value in costs.items():
        setattr(reference, name, value)
    encoded = reference.encode("secret", reference.salt())

    assert check_password("secret", encoded)
    assert not check_password("Secret", encoded)
    assert Argon2idHasher().must_update(encoded) is bool(costs)


def test_hash__of_the_variants_that_nobody_should_choose__still_signs_in() -> None:
    made = hash_secret(b"secret", b"0123456789abcdef", 1, 64, 1, 32, Type.I).decode()

    assert check_password("secret", f"argon2{made}")
    assert not check_password("Secret", f"argon2{made}")


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
