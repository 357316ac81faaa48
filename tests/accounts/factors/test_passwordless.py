"""Signing in by mail: what works, once, for whom, and what cannot be learnt by trying."""

import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Challenge, DeviceSession, SocialIdentity, User
from accounts.services import challenges, links, passwordless, sessions
from accounts.types import ChallengePurpose, MailedSecret, Provider, Purpose
from core.testing.jobs import CapturedJobs
from core.testing.queries import counted_queries
from core.testing.races import race, repeat, winners
from events.models import OutboxEvent
from tests.accounts.actors import MakeUser, PrincipalOf, SignIn
from tests.accounts.guarded import Guarded, bearer, login, verify
from tests.accounts.test_links import mailed_token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader(make_user: MakeUser) -> User:
    """Somebody whose address is confirmed."""

    return make_user(email_verified_at=timezone.now())


def start(email: str, method: str = "code", surface: str = "v1") -> Any:
    return APIClient().post(f"/{surface}/auth/passwordless/start", {"email": email, "method": method}, format="json")


def finish(flow: str, code: str, **more: Any) -> Any:
    return APIClient().post("/v1/auth/passwordless/verify", {"flow": flow, "code": code, **more}, format="json")


def mailed(jobs: CapturedJobs) -> str:
    """The code or the link's last part in the newest mail."""
    jobs.run(times=1)
    found = re.search(r"^(\d{6})$|/l/sign-in/([\w-]{43})$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1] or found[2]


@pytest.mark.parametrize("method", ["code", "link"])
def test_passwordless__code_or_link__signs_in(reader: User, enqueued_jobs: CapturedJobs, method: str) -> None:
    flow = start(reader.email, method)
    assert (flow.status_code, sorted(flow.json())) == (202, ["expires_at", "flow"])

    device = {"platform": "android", "name": "Pixel"}
    answer = finish(flow.json()["flow"], mailed(enqueued_jobs), device=device)

    assert (answer.status_code, answer.json()["device"]["name"]) == (200, "Pixel")
    session = DeviceSession.objects.get()
    assert (session.amr, session.proved_at, session.audience) == ("email", None, "gigvora-mobile-android")
    assert bearer(answer.json()["access_token"]).get("/v1/auth/me").status_code == 200


def test_passwordless__on_the_shared_surface__speaks_camel_case(reader: User) -> None:
    assert sorted(start(reader.email, surface="api").json()) == ["expiresAt", "flow"]


def test_start__known_and_unknown__are_answered_alike(reader: User, enqueued_jobs: CapturedJobs) -> None:
    # case 22
    closed = User.objects.create(email="closed@example.com", is_active=False)
    answers = [start(address) for address in (reader.email, "nobody@example.com", closed.email, "no address")]

    assert {answer.status_code for answer in answers} == {202}
    assert {tuple(sorted(answer.json())) for answer in answers} == {("expires_at", "flow")}
    assert {len(answer.json()["flow"]) for answer in answers} == {43}
    wishes = OutboxEvent.objects.filter(name="account.passwordless.requested")
    assert (wishes.count(), set(wishes.values_list("actor_id", flat=True))) == (4, {None})
    enqueued_jobs.run(times=1)
    assert [message.to for message in mail.outbox] == [[reader.email]]


def test_start__known_and_unknown__cost_the_same(reader: User) -> None:
    costs = []
    for address in (reader.email, "nobody@example.com"):
        with counted_queries() as queries:
            passwordless.start(email=address, method=MailedSecret.CODE)
        costs.append([statement.split()[:3] for statement in queries.statements])

    assert costs[0] == costs[1]


def test_verify__unknown_address__refuses_like_a_wrong_code(reader: User, enqueued_jobs: CapturedJobs) -> None:
    known, unknown = start(reader.email).json()["flow"], start("nobody@example.com").json()["flow"]
    enqueued_jobs.run(times=1)
    right = mailed(enqueued_jobs) if enqueued_jobs.calls else ""
    wrong = "000000" if right != "000000" else "111111"

    answers = [[finish(flow, wrong).json() for _ in range(7)] for flow in (known, unknown, "x" * 43)]

    assert {answer["code"] for each in answers for answer in each} == {"invalid_code"}
    assert len({(answer["status"], answer["detail"]) for each in answers for answer in each}) == 1


def test_verify__twice__works_once(reader: User, enqueued_jobs: CapturedJobs) -> None:
    # case 25
    flow = start(reader.email).json()["flow"]
    code = mailed(enqueued_jobs)
    assert finish(flow, code).status_code == 200

    assert finish(flow, code).json()["code"] == "invalid_code"


def test_verify__code_of_another_flow__is_refused(reader: User, enqueued_jobs: CapturedJobs) -> None:
    """A thief begins a flow of their own, and learns the code that the owner's flow was mailed (case 25)."""
    thiefs = start(reader.email).json()["flow"]
    enqueued_jobs.run(times=1)
    owners = start(reader.email).json()["flow"]
    code = mailed(enqueued_jobs)

    assert finish(thiefs, code).json()["code"] == "invalid_code"
    assert finish(owners, code).status_code == 200


def test_verify__after_a_newer_code__the_older_is_dead(reader: User, enqueued_jobs: CapturedJobs) -> None:
    # case 25
    older = start(reader.email).json()["flow"]
    first = mailed(enqueued_jobs)
    newer = start(reader.email).json()["flow"]
    second = mailed(enqueued_jobs)

    assert finish(older, first).json()["code"] == "invalid_code"
    assert finish(newer, second).status_code == 200


def test_link__opened_by_a_mail_scanner__is_not_used_up(reader: User, enqueued_jobs: CapturedJobs) -> None:
    # case 25
    flow = start(reader.email, "link").json()["flow"]
    token = mailed(enqueued_jobs)

    for _ in range(3):
        page = APIClient().get(f"/l/sign-in/{token}")
        assert page.status_code == 200
        assert "Sign in to Gigvora" in page.content.decode()
        APIClient().head(f"/l/sign-in/{token}")

    assert finish(flow, token).status_code == 200


def test_verify__too_late__is_refused(clock: Any, reader: User, enqueued_jobs: CapturedJobs) -> None:
    flow = start(reader.email).json()["flow"]
    code = mailed(enqueued_jobs)
    clock.shift(601)

    assert finish(flow, code).json()["code"] == "invalid_code"


def test_verify__five_wrong_codes__end_the_flow(reader: User, enqueued_jobs: CapturedJobs) -> None:
    flow = start(reader.email).json()["flow"]
    code = mailed(enqueued_jobs)
    wrong = "000000" if code != "000000" else "111111"

    assert {finish(flow, wrong).json()["code"] for _ in range(5)} == {"invalid_code"}
    assert finish(flow, code).json()["code"] == "invalid_code"


def test_start__fourth_within_a_quarter_of_an_hour__waits(clock: Any, reader: User) -> None:
    for address in (reader.email, "nobody@example.com"):
        statuses = [start(address).status_code for _ in range(4)]
        assert statuses == [202, 202, 202, 429]
    clock.shift(901)

    assert start(reader.email).status_code == 202


def test_start__another_spelling_of_the_address__counts_as_the_same(clock: Any, reader: User) -> None:
    for _ in range(3):
        assert start(reader.email).status_code == 202

    full_width = reader.email.replace("example", "\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45")
    assert start(full_width.upper()).status_code == 429


def test_start__eleventh_on_one_day__waits(clock: Any, reader: User) -> None:
    clock.move_to("2026-11-20T00:00:10Z", tick=False)
    for _ in range(10):
        assert start(reader.email).status_code == 202
        clock.shift(1000)

    assert start(reader.email.upper()).status_code == 429


def test_stored__while_a_flow_waits__is_nothing_usable(reader: User, enqueued_jobs: CapturedJobs) -> None:
    flow = start(reader.email, "link").json()["flow"]
    token = mailed(enqueued_jobs)

    stored = str([*Challenge.objects.values_list(), *OutboxEvent.objects.values_list()])

    assert token not in stored
    assert flow not in stored


def test_passwordless__with_a_second_factor__asks_for_it(guarded: Guarded, enqueued_jobs: CapturedJobs) -> None:
    User.objects.filter(id=guarded.user.id).update(email_verified_at=guarded.user.created_at)
    flow = start(guarded.user.email).json()["flow"]

    refused = finish(flow, mailed(enqueued_jobs))

    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    answer = verify(refused.json()["challenge"]["id"], guarded.app.now())
    assert answer.status_code == 200
    assert DeviceSession.objects.latest("created_at").amr == "email otp"


def test_passwordless__address_never_confirmed__takes_the_account_into_possession(
    freelancer: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    """Whoever registered with an address that is not theirs must not stay in when its owner comes."""
    squatter = sign_in(freelancer)
    SocialIdentity.objects.create(
        user=freelancer, provider=Provider.GOOGLE, subject="squatter", last_used_at=freelancer.created_at
    )
    flow = start(freelancer.email).json()["flow"]

    answer = finish(flow, mailed(enqueued_jobs))

    assert answer.status_code == 200
    assert answer.json()["user"]["is_email_verified"] is True
    assert squatter.get("/v1/auth/me").status_code == 401
    assert login(freelancer).status_code == 401
    assert SocialIdentity.objects.get().revoked_at is not None
    assert OutboxEvent.objects.filter(name="freelancer.verified").count() == 1


def test_passwordless__address_confirmed_before__changes_nothing_else(
    reader: User, sign_in: SignIn, enqueued_jobs: CapturedJobs
) -> None:
    other = sign_in(reader)
    flow = start(reader.email).json()["flow"]

    assert finish(flow, mailed(enqueued_jobs)).status_code == 200
    assert other.get("/v1/auth/me").status_code == 200
    assert login(reader).status_code == 200


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: SQLite runs one writer at a time")
def test_verify__fifty_guesses_at_once__five_are_looked_at(reader: User, enqueued_jobs: CapturedJobs) -> None:
    # case 24
    flow = start(reader.email).json()["flow"]
    enqueued_jobs.run(times=1)

    answers = winners(race(*repeat(lambda: finish(flow, "000000"), 50)))

    assert {answer.json()["code"] for answer in answers} == {"invalid_code"}
    assert Challenge.objects.get().tries_left == 0


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: SQLite runs one writer at a time")
def test_verify__right_code_many_times_at_once__signs_in_once(reader: User, enqueued_jobs: CapturedJobs) -> None:
    flow = start(reader.email).json()["flow"]
    code = mailed(enqueued_jobs)

    answers = winners(race(*repeat(lambda: finish(flow, code), 8)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert DeviceSession.objects.count() == 1


@pytest.mark.parametrize("mailed_before", [True, False])
@pytest.mark.parametrize("way", ["logged out everywhere", "password reset"])
def test_verify__owner_has_started_over_since__is_refused(
    reader: User, sign_in: SignIn, enqueued_jobs: CapturedJobs, way: str, mailed_before: bool
) -> None:
    flow = start(reader.email).json()["flow"]
    code = mailed(enqueued_jobs) if mailed_before else "123456"

    if way == "password reset":
        links.reset_password(token=mailed_token(reader, Purpose.RESET_PASSWORD), new_password="another horse battery")
    else:
        assert sign_in(reader).post("/v1/auth/logout", {"everywhere": True}, format="json").status_code == 200
    enqueued_jobs.run(times=1)

    assert not Challenge.objects.exists()
    assert finish(flow, code).json()["code"] == "invalid_code"
    assert not DeviceSession.objects.filter(revoked_at=None).exists()


def test_passwordless__address_never_confirmed__is_not_greeted_by_the_name_that_a_stranger_chose(
    make_user: MakeUser, enqueued_jobs: CapturedJobs
) -> None:
    user = make_user(full_name="Win at evil.example")
    start(user.email)
    mailed(enqueued_jobs)

    assert "evil.example" not in str(mail.outbox[-1].body)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: SQLite runs one writer at a time")
def test_mailing_and_logout_everywhere__at_once__never_deadlock(
    reader: User, principal_of: PrincipalOf, enqueued_jobs: CapturedJobs
) -> None:
    for _ in range(8):
        flows = [
            challenges.issue(
                purpose=ChallengePurpose.PASSWORDLESS, user_id=reader.id, data={"method": "code"}, tries=5
            ).id
            for _ in range(3)
        ]
        leaver = principal_of(User.objects.get(id=reader.id))

        results = race(
            *(lambda flow=flow: passwordless.mail_secret(flow_id=flow) for flow in flows),
            lambda leaver=leaver: sessions.sign_out(actor=leaver, everywhere=True),  # type: ignore[misc]
        )

        assert list(results) == [None] * 4
        assert not Challenge.objects.exists()
