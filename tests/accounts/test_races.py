"""Many clients at once, each on a connection of its own."""

from threading import Barrier, Event
from time import sleep
from typing import Any

import psycopg
import pytest
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from access.errors import RoleOutOfReach
from accounts.errors import SessionEnded
from accounts.models import DeviceSession, MailedToken, User
from accounts.services import devices, links, profile, rotation, sessions
from accounts.tokens import RefreshToken
from accounts.types import DeviceClaim, Purpose
from core.contributions.scopes import Persona
from core.errors import AppError, Unavailable
from core.testing.races import race, repeat, winners
from tests.accounts import actors
from tests.accounts.actors import PASSWORD, MakeUser, SignIn

RACES = 1000

pytestmark = pytest.mark.django_db(transaction=True)


def refresh(token: str) -> Any:
    return APIClient().post("/v1/auth/refresh", {"refresh_token": token}, format="json")


def test_row_11__refresh__twenty_at_once_five_times__all_succeed_with_one_successor(
    freelancer: User, sign_in: SignIn
) -> None:
    token = sign_in(freelancer).signed_in.tokens.refresh_token

    for expected in range(1, 6):
        answers = winners(race(*repeat(lambda token=token: refresh(token), 20)))  # type: ignore[misc]
        assert [answer.status_code for answer in answers] == [200] * 20
        successors = {answer.json()["refresh_token"] for answer in answers}
        assert len(successors) == 1
        assert DeviceSession.objects.get().counter == expected
        token = successors.pop()


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: SQLite runs one writer at a time")
def test_row_14__refresh_and_logout__a_thousand_races__no_session_survives(
    freelancer: User, settings: Settings
) -> None:
    settings.MAX_SESSIONS_PER_USER = RACES
    contested = [actors.sign_in(freelancer) for _ in range(RACES)]
    leavers = [actors.principal_behind(signed_in) for signed_in in contested]
    gate = Barrier(2)

    def stay() -> list[str]:
        return [_last_token(signed_in, gate) for signed_in in contested]

    def leave() -> list[str]:
        for principal in leavers:
            gate.wait(60)
            sessions.sign_out(actor=principal)
        return []

    last_tokens, _ = winners(race(stay, leave, timeout=300))

    assert _answers_to(last_tokens) == {"session_ended"}
    refreshed = [
        token
        for token, signed_in in zip(last_tokens, contested, strict=True)
        if token != signed_in.tokens.refresh_token
    ]
    assert 0 < len(refreshed) < RACES, "One side always came first: these were no races."


def _last_token(signed_in: actors.SignedIn, gate: Barrier) -> str:
    """Race to refresh; the newest token that the client then holds."""
    gate.wait(60)
    try:
        return str(RefreshToken(rotation.rotate(presented=signed_in.tokens.refresh_token, fingerprint="")))
    except SessionEnded:
        return signed_in.tokens.refresh_token


def _answers_to(tokens: list[str]) -> set[str]:
    answers = set()
    for token in tokens:
        with pytest.raises(AppError) as refused:
            rotation.rotate(presented=token, fingerprint="")
        answers.add(refused.value.code)
    return answers


def test_row_14__refresh_and_logout__at_once__the_session_has_ended(freelancer: User, sign_in: SignIn) -> None:
    for _ in range(15):
        client = sign_in(freelancer)
        race(
            lambda client=client: refresh(client.signed_in.tokens.refresh_token),  # type: ignore[misc]
            lambda client=client: client.post("/v1/auth/logout", {}, format="json"),  # type: ignore[misc]
        )
        assert client.get("/v1/auth/me").status_code == 401
        assert refresh(client.signed_in.tokens.refresh_token).json()["code"] == "session_ended"
    assert not DeviceSession.objects.live().exists()


def test_register__one_address_at_once__one_account(db: None) -> None:
    body = {"email": "ada@example.com", "password": "quite-Long-9-words"}

    answers = winners(race(*repeat(lambda: APIClient().post("/v1/auth/register", body, format="json"), 6)))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "email_unavailable"}
    assert User.objects.count() == 1


def test_login__twelve_at_once__never_more_sessions_than_allowed(freelancer: User) -> None:
    body = {"email": freelancer.email, "password": PASSWORD}

    answers = winners(race(*repeat(lambda: APIClient().post("/v1/auth/login", body, format="json"), 12)))

    assert {answer.status_code for answer in answers} <= {200, 429}
    assert DeviceSession.objects.live().count() <= 10


def test_reset_password__one_link_used_twice_at_once__works_once(freelancer: User) -> None:
    token = links._issue(freelancer, Purpose.RESET_PASSWORD)

    results = race(*repeat(lambda: links.reset_password(token=token, new_password="another-Long-9-words"), 4))

    refused = [result for result in results if isinstance(result, AppError)]
    assert [error.code for error in refused] == ["invalid_link"] * 3
    assert not MailedToken.objects.exists()
    freelancer.refresh_from_db()
    assert freelancer.security_version == 2


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: SQLite has no row locks")
def test_refresh__row_held_by_another__is_unavailable_for_a_moment(freelancer: User, sign_in: SignIn) -> None:
    token = sign_in(freelancer).signed_in.tokens.refresh_token
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    settings = connection.get_connection_params()
    with psycopg.connect(
        host=settings.get("host"), port=settings.get("port"), user=settings.get("user"), dbname=settings["dbname"]
    ) as other:
        other.execute("SELECT 1 FROM accounts_devicesession FOR UPDATE")
        response = refresh(token)

    assert response.status_code == 503
    assert response.json()["code"] == Unavailable.code
    assert response.headers["Retry-After"] == "1"
    assert refresh(token).status_code == 200
    connection.close()


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: SQLite runs one writer at a time")
def test_device__removed_while_somebody_signs_in_on_it__ends_that_session_too(
    freelancer: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(freelancer, fingerprint="phone-1")
    device_id, find, is_found = client.signed_in.session.device_id, devices._find, Event()

    def slow(user: User, claim: DeviceClaim) -> Any:
        found = find(user, claim)
        is_found.set()
        sleep(0.5)  # in which the removal comes to wait
        return found

    monkeypatch.setattr(devices, "_find", slow)
    body = {"email": freelancer.email, "password": PASSWORD, "device": {"platform": "web", "fingerprint": "phone-1"}}

    def remove() -> Any:
        assert is_found.wait(60)
        return client.delete(f"/v1/devices/{device_id}")

    entered, removed = winners(race(lambda: APIClient().post("/v1/auth/login", body, format="json"), remove))

    assert (entered.status_code, removed.status_code) == (200, 204)
    held = {"Authorization": f"Bearer {entered.json()['access_token']}", "X-Device-Fingerprint": "phone-1"}
    assert APIClient().get("/v1/auth/me", headers=held).status_code == 401
    assert not DeviceSession.objects.filter(revoked_at=None).exists()


def test_suspend__the_last_two_admins_by_each_other_at_once__leaves_one(make_user: MakeUser) -> None:
    one, other = (make_user(persona=Persona.ADMIN, is_staff=True, is_superuser=True) for _ in range(2))

    results = race(
        lambda: profile.suspend(actor=one.id, user_id=other.id, reason="staff"),
        lambda: profile.suspend(actor=other.id, user_id=one.id, reason="staff"),
    )

    # Who is suspended holds nothing any more.
    assert [type(result) for result in results if result is not None] == [RoleOutOfReach]
    assert User.objects.filter(is_active=True).count() == 1
