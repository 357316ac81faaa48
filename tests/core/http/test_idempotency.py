import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from core.db.advisory import try_lock
from core.http import idempotency
from core.models import IdempotencyRecord
from core.testing.races import race, repeat, winners
from tests.core.http.wiring import Caller, people

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.http.people")]
ADA = {"full_name": "Ada"}


def _create(caller: Caller, body: Any, key: str = "k1", path: str = "/v1/people", method: str = "POST") -> Any:
    return caller.send(method, path, body, Idempotency_Key=key)


def test_change__sent_again__the_same_answer_and_one_effect() -> None:
    caller = Caller()
    first = _create(caller, ADA)
    again = _create(caller, ADA)

    assert (first.status_code, first.get("Idempotent-Replayed")) == (201, None)
    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
    assert [again[name] for name in ("Location", "ETag", "Content-Type", "Vary", "Cache-Control")] == [
        first[name] for name in ("Location", "ETag", "Content-Type", "Vary", "Cache-Control")
    ]
    assert User.objects.count() == 1


def test_record__answer__is_sealed() -> None:
    answer = _create(Caller(), ADA)

    kept = bytes(IdempotencyRecord.objects.get().body)
    assert answer.json()["id"].encode() not in kept
    assert b"full_name" not in kept


def test_change__sent_again_after_the_pepper_changed__refused_and_not_done_again(settings: Settings) -> None:
    caller = Caller()
    _create(caller, ADA)

    settings.TOKEN_PEPPER = "another"
    again = _create(caller, ADA)

    assert (again.status_code, again.json()["code"]) == (422, "idempotency_key_reused")
    assert User.objects.count() == 1


def test_change__without_an_answer_body__replayed_without_one() -> None:
    (ada,) = people("Ada")
    caller, path = Caller(), f"/v1/people/{ada.id}"

    assert _create(caller, None, path=path, method="DELETE").status_code == 204
    again = _create(caller, None, path=path, method="DELETE")
    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (204, b"", "true")


def test_change__json_written_in_another_order__the_same_request() -> None:
    (ada,) = people("Ada")
    caller, path = Caller(), f"/v1/people/{ada.id}"
    _create(caller, b'{"full_name": "Eve", "name": "x"}', path=path, method="PATCH")
    again = _create(caller, b'{"name":"x","full_name":"Eve"}', path=path, method="PATCH")

    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/people", {"full_name": "Eve"}),
        ("POST", "/v1/people?fields=id", ADA),
        ("POST", "/v1/old-people", ADA),
        ("POST", "/api/people", {"fullName": "Ada"}),
    ],
)
def test_change__key_used_for_another_request__refused(method: str, path: str, body: Any) -> None:
    caller = Caller()
    _create(caller, ADA)
    response = _create(caller, body, path=path, method=method)

    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert User.objects.count() == 1


def test_key__of_another_user__isolated() -> None:
    _create(Caller(), ADA)
    response = _create(Caller(), {"full_name": "Eve"})

    assert (response.status_code, response.get("Idempotent-Replayed")) == (201, None)
    assert User.objects.count() == 2


@pytest.mark.parametrize("key", ["", " ", '""', '"open', "a b", "ä", "x" * 256, "a,b\tc", '"a" "b"', "\x00", "\x7f"])
def test_key__malformed__bad_request(key: str) -> None:
    response = _create(Caller(), ADA, key=key)

    assert (response.status_code, response.json()["code"]) == (400, "invalid_idempotency_key")
    assert User.objects.count() == 0


def test_key__bare_or_as_a_structured_string__the_same_key() -> None:
    caller = Caller()
    _create(caller, ADA, key="8e03978e-40d5-43dd-bc93-6894a57f9324")

    assert _create(caller, ADA, key='"8e03978e-40d5-43dd-bc93-6894a57f9324"')["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("name", ["late refusal", "answered refusal"])
def test_change__refused_after_it_wrote__leaves_nothing_and_the_key_is_free(name: str) -> None:
    caller = Caller()
    refused = _create(caller, {"full_name": name})

    assert (refused.status_code, User.objects.count(), IdempotencyRecord.objects.count()) == (409, 0, 0)
    assert _create(caller, ADA).status_code == 201


def test_change__invalid_body__not_recorded() -> None:
    caller = Caller()

    assert _create(caller, {"full_name": 3 * ["x"]}).status_code == 422
    assert _create(caller, b"{").status_code == 400
    assert _create(caller, ADA).status_code == 201


def test_get__with_a_key__answered_as_ever() -> None:
    caller = Caller()
    answers = [caller.get("/v1/people", Idempotency_Key="k1") for _ in range(2)]

    assert [(answer.status_code, answer.get("Idempotent-Replayed")) for answer in answers] == [(200, None)] * 2
    assert IdempotencyRecord.objects.count() == 0


def test_change__nobody_signed_in__refused_without_a_record() -> None:
    response = Client().post("/v1/people", ADA, content_type="application/json", headers={"Idempotency-Key": "k1"})

    assert (response.status_code, IdempotencyRecord.objects.count()) == (401, 0)


def test_key__after_a_day__forgotten_by_the_purge_and_by_the_next_request() -> None:
    caller = Caller()
    _create(caller, ADA)
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    User.objects.all().delete()
    response = _create(caller, ADA)

    assert (response.status_code, response.get("Idempotent-Replayed")) == (201, None)
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    _create(caller, {"full_name": "Eve"}, key="k2")
    assert (idempotency.purge(), IdempotencyRecord.objects.get().key) == (1, "k2")


@pytest.mark.django_db(transaction=True)
def test_change__twenty_at_once__one_effect_and_one_answer() -> None:
    caller = Caller()
    answers = winners(race(*repeat(lambda: _create(caller, ADA), 20)))
    codes = {answer.status_code for answer in answers}
    bodies = {answer.content for answer in answers if answer.status_code == 201}
    first = [answer for answer in answers if answer.status_code == 201 and "Idempotent-Replayed" not in answer]

    assert (User.objects.count(), len(answers)) == (1, 20)
    assert codes <= {201, 409}
    assert (len(bodies), len(first)) == (1, 1)
    assert {json.loads(a.content)["code"] for a in answers if a.status_code == 409} <= {"idempotency_in_flight"}
    assert all(answer["Retry-After"] == "1" for answer in answers if answer.status_code == 409)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer; the second waits for the first.")
def test_change__first_still_in_flight__conflict_at_once() -> None:
    caller, holding, done = Caller(), threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            assert try_lock(f"idempotency:{caller.user_id}:k1")
            holding.set()
            done.wait(10)
        connection.close()

    first = threading.Thread(target=hold)
    first.start()
    holding.wait(10)
    response = _create(caller, ADA)
    done.set()
    first.join()

    assert (response.status_code, response.json()["code"], response["Retry-After"]) == (
        409,
        "idempotency_in_flight",
        "1",
    )
    assert _create(caller, ADA).status_code == 201
