"""What somebody with bad intentions tries at the door, by the numbers of the abuse cases; more stand beside each story.

Social sign-in (26, 27), DPoP (19), attestation (30) and refresh tokens (11 to 18) have files of their own.
"""

import re
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from rest_framework.test import APIClient

from access.services import revoke_role
from accounts import attempts
from accounts.models import DeviceSession, MailedToken, User
from accounts.services import links, profile, recovery
from accounts.types import Purpose
from core import context
from core.contributions.scopes import Persona
from core.http.access import Audience
from core.testing.jobs import CapturedJobs
from core.testing.races import race, repeat, winners
from tests.accounts.actors import PASSWORD, MakeUser, SignedInClient, SignIn
from tests.accounts.guarded import Guarded, verify

pytestmark = pytest.mark.django_db(transaction=True)
NEW_PASSWORD = "another-Long-9-words"
SAMPLES = 200
TELLING = 0.005  # seconds; what an attacker could tell apart over a network, with patience


def post(path: str, body: dict[str, Any], **headers: str) -> Any:
    return APIClient().post(f"/v1/auth/{path}", body, format="json", headers=headers)


def mailed_token(jobs: CapturedJobs) -> str:
    jobs.run(times=1)
    found = re.search(r"/([\w-]{43})\s", str(mail.outbox[-1].body))
    assert found
    return found[1]


# Row 10: an access token, after what it was issued on has ended.


def reset(client: SignedInClient, user: User) -> None:
    links.reset_password(token=links._issue(user, Purpose.RESET_PASSWORD), new_password=NEW_PASSWORD)


def suspend(client: SignedInClient, user: User) -> None:
    profile.suspend(actor=user.id, user_id=user.id, reason="test")


ENDINGS: dict[str, Callable[[SignedInClient, User], Any]] = {
    "logout": lambda client, _: client.post("/v1/auth/logout", {}, format="json"),
    "session_revoked": lambda client, _: client.delete(f"/v1/sessions/{client.signed_in.session.id}"),
    "device_removed": lambda client, _: client.delete(f"/v1/devices/{client.signed_in.session.device_id}"),
    "password_changed": lambda client, _: client.post(
        "/v1/auth/change-password", {"new_password": NEW_PASSWORD}, format="json"
    ),
    "password_reset": reset,
    "suspended": suspend,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_row_10__access_token_after_the_end__is_dead_at_once(freelancer: User, sign_in: SignIn, ending: str) -> None:
    client = sign_in(freelancer)
    assert client.get("/v1/auth/me").status_code == 200  # so that every cache knows the session

    ENDINGS[ending](client, freelancer)

    answer = client.get("/v1/auth/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_row_10__role_lost__is_refused_at_once(freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer)
    assert client.get("/v1/calendar/events").status_code == 200

    revoke_role(actor=None, user_id=freelancer.id, role=Persona.FREELANCER, reason="test")

    answer = client.get("/v1/calendar/events")
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


# Row 20: links lead to our own address, whatever a request says of the host.


@pytest.mark.parametrize("path", ["forgot-password", "verify-email", "passwordless/start", "recovery/start"])
def test_row_20__host_of_an_attacker__is_in_no_mail(
    freelancer: User, enqueued_jobs: CapturedJobs, settings: Any, path: str
) -> None:
    settings.PUBLIC_BASE_URL = "https://api.gigvora.com"
    body = {"email": freelancer.email, **({"method": "link"} if "passwordless" in path else {})}

    post(path, body, Host="evil.example", **{"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})

    enqueued_jobs.run(times=1)
    (message,) = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    for text in (str(message.body), str(message.alternatives[0][0])):
        assert set(re.findall(r"https?://[^/\s\"]+", text)) == {"https://api.gigvora.com"}


# Row 21: a refused login tells nothing, not even by the time it takes.


@pytest.mark.slow
def test_row_21__refused_login__takes_the_same_for_every_reason(
    make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Medians of CPU time, taken in turns, so that a busy machine slows all of them alike."""
    monkeypatch.setattr("accounts.attempts.FREE_ATTEMPTS", 10 * SAMPLES)
    social = make_user()
    social.set_unusable_password()
    social.save()
    tries = {
        "unknown": ("nobody@example.com", PASSWORD),
        "wrong": (make_user().email, "wrong-Password-1"),
        "disabled": (make_user(is_active=False).email, PASSWORD),
        "social": (social.email, PASSWORD),
    }
    taken: dict[str, list[float]] = {reason: [] for reason in tries}

    for _ in range(SAMPLES):
        for reason, (email, password) in tries.items():
            began = time.process_time()
            assert post("login", {"email": email, "password": password}).status_code == 401
            taken[reason].append(time.process_time() - began)

    medians = {reason: median(seconds) for reason, seconds in taken.items()}
    assert max(medians.values()) - min(medians.values()) < TELLING, medians


# Row 22: asking for a mail tells nothing of who has an account.

ASKING = {
    "forgot-password": {},
    "verify-email": {},
    "passwordless/start": {"method": "code"},
    "recovery/start": {},
}


@pytest.mark.parametrize("path", ASKING)
def test_row_22__known_unknown_closed_and_guarded__are_answered_alike(
    guarded: Guarded, make_user: MakeUser, path: str
) -> None:
    addresses = [make_user().email, make_user(is_active=False).email, guarded.user.email, "nobody@example.com", "none"]

    answers = [post(path, {"email": address, **ASKING[path]}) for address in addresses]

    assert len({answer.status_code for answer in answers}) == 1
    shapes = [{key: value for key, value in each.json().items() if key != "flow"} for each in answers]
    assert len({str(sorted(shape)) for shape in shapes}) == 1
    assert len({shape.get("message") for shape in shapes}) == 1


# Row 23: tricks with addresses; mail goes to addresses that are stored, and nowhere else.

TRICKS = [
    "{0}\r\nBcc: eve@evil.example",
    "{0}\nBcc:eve@evil.example",
    "{0},eve@evil.example",
    "{0};eve@evil.example",
    "{0} <eve@evil.example>",
    "eve@evil.example <{0}>",
    "{0}@evil.example",
    "a" * 300 + "@example.com",
    "{0}.",
    "{0}\u0000",
    "\u017f{0}",
]


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("path", ["forgot-password", "passwordless/start", "recovery/start"])
def test_row_23__address_with_a_trick__mails_nobody(
    freelancer: User, enqueued_jobs: CapturedJobs, path: str, trick: str
) -> None:
    answer = post(path, {"email": trick.format(freelancer.email)})

    assert answer.status_code in {200, 202, 400, 422}
    enqueued_jobs.run(times=1)
    assert mail.outbox == []


@pytest.mark.parametrize("trick", TRICKS)
def test_row_23__new_address_with_a_trick__is_refused(freelancer: User, sign_in: SignIn, trick: str) -> None:
    body = {"new_email": trick.format("ada@example.com")}

    answer = sign_in(freelancer).post("/v1/auth/change-email", body, format="json")

    assert answer.status_code in {400, 422}
    assert not freelancer.email_changes.exists()


@pytest.mark.parametrize("spelling", ["{0}", " {0} ", "{1}", "{0}\u200b"])
def test_row_23__other_spelling_of_a_stored_address__mails_the_stored_one(
    make_user: MakeUser, enqueued_jobs: CapturedJobs, spelling: str
) -> None:
    user = make_user(email="ada@example.com")

    post("forgot-password", {"email": spelling.format(user.email, user.email.upper())})

    enqueued_jobs.run(times=1)
    assert [message.to for message in mail.outbox] == [["ada@example.com"]]


# Row 24: guessing codes.


def test_row_24__a_thousand_codes_over_many_flows__fifteen_are_looked_at(
    freelancer: User, enqueued_jobs: CapturedJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    def never_right(stored: str, given: str) -> bool:
        looked_at.append(given)
        return False

    monkeypatch.setattr("accounts.services.passwordless.hmac.compare_digest", never_right)
    flow, flows, guesses = "", 0, 0
    while guesses < 1000:
        if guesses % 6 == 0:  # a flow is dead after five
            began = post("passwordless/start", {"email": freelancer.email})
            flow, flows = began.json().get("flow", flow), flows + (began.status_code == 202)
        answer = post("passwordless/verify", {"flow": flow, "code": f"{guesses:06d}"})
        assert answer.json()["code"] == "invalid_code"
        guesses += 1

    assert (flows, len(looked_at)) == (3, 15)
    assert not DeviceSession.objects.exists()


def test_row_24__second_factor_over_many_challenges__is_slowed_down(guarded: Guarded) -> None:
    statuses: list[int] = []
    for _ in range(8):
        with context.scope(context.Context(client_ip="127.0.0.1")):
            attempts.forgive(guarded.user.email)  # the password is right, and comes from another network each time
        challenge = guarded.challenge()
        statuses += [verify(challenge, f"{number:06d}").status_code for number in range(5)]

    assert statuses.count(400) < 12
    assert statuses[-5:] == [429] * 5


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: SQLite runs one writer at a time")
def test_row_24__fifty_step_up_guesses_at_once__few_are_looked_at(guarded: Guarded) -> None:
    def guess() -> Any:
        client = APIClient()
        client.credentials(**guarded.client._credentials)  # type: ignore[attr-defined]
        return client.post("/v1/auth/step-up", {"method": "otp", "code": "000000"}, format="json")

    answers = winners(race(*repeat(guess, 50)))

    assert sorted({answer.status_code for answer in answers}) == [400, 429]
    assert sum(answer.status_code == 400 for answer in answers) <= 6


# Row 25: mail scanners open every link, and must use none up.


@pytest.mark.parametrize("kind", ["verify-email", "reset-password", "change-email", "recovery", "recovery/cancel"])
def test_row_25__link_opened_by_a_mail_scanner__still_works(
    guarded: Guarded, enqueued_jobs: CapturedJobs, kind: str
) -> None:
    enqueued_jobs.run(times=1)
    token = {
        "verify-email": lambda: links._issue(guarded.user, Purpose.VERIFY_EMAIL),
        "reset-password": lambda: links._issue(guarded.user, Purpose.RESET_PASSWORD),
        "change-email": lambda: change_begun(guarded, enqueued_jobs),
        "recovery": lambda: recovery_asked(guarded, enqueued_jobs),
        "recovery/cancel": lambda: recovery_begun(guarded, enqueued_jobs),
    }[kind]()
    path, before = f"/v1/auth/{kind}/{token}", MailedToken.objects.count()
    for accept in ("text/html", "*/*"):
        for method in ("get", "head", "options"):
            getattr(APIClient(), method)(path, headers={"Accept": accept})
    assert MailedToken.objects.count() == before

    body = {"new_password": NEW_PASSWORD} if kind == "reset-password" else {}
    assert APIClient().post(path, body).status_code == 200


def change_begun(guarded: Guarded, jobs: CapturedJobs) -> str:
    guarded.client.post("/v1/auth/change-email", {"new_email": "new@example.com"}, format="json")
    return mailed_token(jobs)


def recovery_asked(guarded: Guarded, jobs: CapturedJobs) -> str:
    recovery.ask(email=guarded.user.email)
    return mailed_token(jobs)


def recovery_begun(guarded: Guarded, jobs: CapturedJobs) -> str:
    recovery.go_on(token=recovery_asked(guarded, jobs))
    return mailed_token(jobs)


# Row 38: what a superuser may not do with a token of a phone.


def test_row_38__superuser_on_a_phone__is_asked_for_a_fresh_proof_as_well(
    staff: User, sign_in: SignIn, clock: Any
) -> None:
    client = sign_in(staff, Audience.IOS)
    clock.shift(301)

    answer = client.post("/v1/auth/second-factor/totp", {}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
