"""Every line of the release v2024.09.0 that an API can prove, against a running server with demo data.

The first line of each test quotes the line of the release notes that it proves. Not here: what a build checks
(`tests/architecture`), and dashboards, monitors and buckets, which belong to the deployment.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.live.people import (
    PLATFORMS,
    App,
    days_from_now,
    demo_app,
    eventually,
    grant,
    new_app,
    run_python,
    same_person,
)
from tests.live.server import LiveServer

pytestmark = pytest.mark.xdist_group("live")

LAUNCHPAD, INSIGHTS = "/mobile/v2/launchpad", "/mobile/v2/wallet/insights"
PERSONAS = ("freelancer", "client", "mentor", "support", "lead", "marketing", "finance", "admin")
TIME_LEFT = """
from datetime import timedelta
from django.utils import timezone
from mentors.models import MentorSession
start = timezone.now() + timedelta({left})
MentorSession.objects.filter(id="{id}").update(
    starts_at=start, ends_at=start + timedelta(minutes=30), held_from=start, held_until=start + timedelta(minutes=30)
)
"""
OUTBOX = """
from events.models import OutboxEvent
print(*OutboxEvent.objects.filter(aggregate_id="{id}").order_by("id").values_list("name", "channel"))
"""


def cards(app: App, **headers: str) -> set[str]:
    answer = app.get(LAUNCHPAD, headers=headers)
    assert answer.status_code == 200, answer.text
    return {card["type"] for card in answer.json()["cards"]}


@pytest.fixture(scope="module")
def mentor(demo: LiveServer) -> App:
    return demo_app(demo, "mentor", "ios")


@pytest.fixture(scope="module")
def mentee(demo: LiveServer) -> App:
    return demo_app(demo, "freelancer")


def book(mentor: App, mentee: App) -> Any:
    """The first free half hour between one week and three from now."""
    window = {"from": days_from_now(7), "to": days_from_now(21), "timezone": "UTC", "duration": 30}
    slot = mentee.read(f"/v1/mentors/{mentor.user_id}/availability", **window)["slots"][0]
    wanted = {"startsAt": slot["starts_at"], "durationMinutes": 30, "topic": "Smoke", "timezone": "Europe/Berlin"}
    answer = mentee.post(f"/mobile/v2/mentors/{mentor.user_id}/sessions", json=wanted)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_launchpad__personas__get_cards_of_their_scopes(demo: LiveServer) -> None:
    """Returns RBAC-scoped cards."""
    freelancer, support = demo_app(demo, "freelancer"), demo_app(demo, "support")

    assert {"wallet_balance", "calendar_overdue"} <= cards(freelancer)
    assert not any(card.startswith(("wallet", "pending_payouts")) for card in cards(support))


def test_roles_header__names_roles__narrows_and_never_widens(demo: LiveServer) -> None:
    """Role matrix enforced via `X-Gigvora-Roles` header."""
    new = new_app(demo)
    grant(demo, new, "support")
    app = same_person(demo, new, "ios")

    narrowed = [app.get(INSIGHTS, headers={"X-Gigvora-Roles": role}) for role in ("freelancer", "support", "admin")]
    assert [answer.status_code for answer in narrowed] == [200, 403, 403]
    assert [answer.json().get("code") for answer in narrowed[1:]] == ["insufficient_scope", "role_not_held"]
    assert app.get(LAUNCHPAD, headers={"X-Gigvora-Roles": "mentor"}).json()["code"] == "role_not_held"


def test_launchpad__asked_again__is_the_answer_of_before(demo: LiveServer) -> None:
    """Response cached 30 seconds per workspace to balance freshness and load."""
    app = new_app(demo)
    answers = [app.get(LAUNCHPAD) for _ in range(2)]

    assert [answer.headers["X-Cache"] for answer in answers] == ["miss", "hit"]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"private, max-age=30"}
    assert answers[0].content == answers[1].content
    assert new_app(demo).get(LAUNCHPAD).headers["X-Cache"] == "miss"


def test_launchpad__client_of_the_release_before__gets_no_card_it_does_not_know(demo: LiveServer) -> None:
    """Backward compatible with v2024.08.x clients; fallback responses omit new cards when scopes missing."""
    for mailbox in ("freelancer", "support"):
        app = demo_app(demo, mailbox)
        known = cards(app, **{"X-App-Version": "2024.08.3"})
        assert known <= cards(app)
        assert not known & {"calendar_overdue", "pending_payouts", "protect_account"}
        assert ("wallet_balance" in known) == (mailbox == "freelancer")


@pytest.mark.parametrize("step", ["cancel", "reschedule"])
def test_session__six_hours_or_less_are_left__stays_as_it_is(
    demo: LiveServer, mentor: App, mentee: App, step: str
) -> None:
    """Enforces cancellation window (6 h and more) server-side with descriptive error codes."""
    session = book(mentor, mentee)
    path = f"/mobile/v2/mentors/{mentor.user_id}/sessions/{session['id']}"
    body = {"startsAt": days_from_now(9), "reason": "ill"} if step == "reschedule" else {"reason": "ill"}
    run_python(demo, TIME_LEFT.format(id=session["id"], left="hours=5, minutes=59"))

    for app in (mentor, mentee):
        refused = app.post(f"{path}/{step}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "cancellation_window_closed"), refused.text
        until = datetime.fromisoformat(refused.json()["cancellableUntil"])
        assert until + timedelta(hours=6) == datetime.fromisoformat(mentee.read(path)["startsAt"])
    run_python(demo, TIME_LEFT.format(id=session["id"], left="hours=6, minutes=5"))
    assert mentee.post(f"{path}/cancel", json={"reason": "ill"}).json()["status"] == "cancelled"


def test_session__booked__reaches_both_calendars_by_an_event(demo: LiveServer, mentor: App, mentee: App) -> None:
    """Integrates with Calendar microservice via async events (`mentor.session.requested`)."""
    session = book(mentor, mentee)
    window = {"from": session["startsAt"], "to": session["endsAt"], "timezone": "UTC"}

    def stands(app: App, status: str) -> bool:
        found = app.read("/api/calendar/events", **window)["data"]
        return any((each["relatedEntityId"], each["status"]) == (session["id"], status) for each in found)

    assert eventually(lambda: stands(mentee, "tentative") and stands(mentor, "tentative"))
    approved = mentor.post(f"/mobile/v2/mentors/{mentor.user_id}/sessions/{session['id']}/approve")
    assert (approved.status_code, approved.json()["status"]) == (200, "approved"), approved.text
    assert eventually(lambda: stands(mentee, "confirmed") and stands(mentor, "confirmed"))
    told = run_python(demo, OUTBOX.format(id=session["id"]))
    assert told == "('mentor.session.requested', 'mobile-android') ('mentor.session.approved', 'mobile-ios')"


def test_insights__without_the_scope__are_refused(demo: LiveServer) -> None:
    """Requires `finance:view` scope; denies access to users lacking finance privileges."""
    for mailbox in PERSONAS:
        app = demo_app(demo, mailbox)
        answer = app.get(INSIGHTS)
        assert answer.status_code == (200 if "finance:view" in app.scopes else 403), mailbox
    assert "finance:view" not in app.scopes
    assert (answer.json()["code"], answer.json()["scope"]) == ("insufficient_scope", "finance:view")


def test_insights__parameters__have_defaults_and_are_checked(mentee: App) -> None:
    """Supports query params `period`, `granularity`, `currency` with validation and defaults."""
    shape = ("period", "granularity", "currency")
    usual, asked = mentee.read(INSIGHTS), mentee.read(INSIGHTS, period="12m", currency="EUR")

    assert [usual[name] for name in shape] == ["30d", "day", "USD"]
    assert [asked[name] for name in shape] == ["12m", "month", "EUR"]
    assert len(usual["series"]) == 30
    for name, value in (("period", "9d"), ("granularity", "hour"), ("currency", "XXX")):
        refused = mentee.get(INSIGHTS, params={name: value})
        assert refused.status_code == 422
        [error] = refused.json()["errors"]
        assert error["pointer"] == f"/{name}"
        assert error["message"].startswith("Choose one of ")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_token__of_a_platform__names_its_one_audience(demo: LiveServer, platform: str) -> None:
    """JWT audience split per platform: `gigvora-mobile-android`, `gigvora-mobile-ios`."""
    mobile = "" if platform == "web" else "mobile-"

    assert new_app(demo, platform).claims["aud"] == f"gigvora-{mobile}{platform}"


def test_mentor_scope__personas__only_mentors_and_support_leads_have_it(demo: LiveServer) -> None:
    """New `mobile:mentor.manage` scope assigned only to approved mentors and support leads."""
    holders = {mailbox for mailbox in PERSONAS if "mobile:mentor.manage" in demo_app(demo, mailbox).scopes}
    assert holders == {"mentor", "lead"}

    applicant = new_app(demo)
    profile = {"headline": "Not approved yet", "motivation": "I like to help.", "timezone": "UTC"}
    assert applicant.post("/v1/mentors", json=profile).status_code == 201
    waiting = same_person(demo, applicant, "ios")
    assert "mobile:mentor.manage" not in waiting.scopes
    assert waiting.get("/v1/mentors/me/rules").json()["code"] == "insufficient_scope"


@pytest.mark.parametrize("fingerprint", ["of another device", ""])
def test_token__sent_from_another_device__is_refused(demo: LiveServer, fingerprint: str) -> None:
    """Gateway rejects mismatched device fingerprint hash to reduce token replay risk."""
    app = new_app(demo)
    stolen = {"Authorization": app.headers["Authorization"], "X-Device-Fingerprint": fingerprint}
    refused = httpx.get(demo.url + LAUNCHPAD, headers={name: value for name, value in stolen.items() if value})

    assert (refused.status_code, refused.json()["code"]) == (401, "device_mismatch")
    assert app.get(LAUNCHPAD).status_code == 200


@pytest.mark.parametrize("mailbox", ["freelancer", "admin"])
def test_admin__mobile_token__finds_nothing_there(demo: LiveServer, mailbox: str) -> None:
    """Service mesh policies updated to block lateral access between mobile and admin microservices."""
    app = demo_app(demo, mailbox)
    admin, nothing = app.get("/admin/"), app.get("/nothing/")

    assert (admin.status_code, nothing.status_code) == (404, 404)
    assert admin.json().keys() == nothing.json().keys()
    assert httpx.get(f"{demo.url}/admin/login/").status_code == 200
    assert "refused" in demo.manage("explain", admin.headers["X-Gigvora-Decision-Id"])


def preflight(server: LiveServer, origin: str, path: str = LAUNCHPAD) -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    return httpx.options(server.url + path, headers=asked)


@pytest.mark.parametrize("origin", ["https://app.gigvora.com", "https://beta.gigvora.com", "capacitor://localhost"])
def test_cors__origin_of_the_list__may_ask_and_remember(server: LiveServer, origin: str) -> None:
    """Allowed origins, and preflight responses cacheable for 600 seconds with `Vary: Origin` header enforced."""
    answer = preflight(server, origin)

    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Max-Age"] == "600"
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Origin" in answer.headers["Vary"].split(", ")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://app.gigvora.com",
        "https://app.gigvora.com.evil.example",
        "https://app.gigvora.com:444",
        "ionic://localhost",
        "null",
    ],
)
def test_cors__any_other_origin__is_told_nothing(server: LiveServer, origin: str) -> None:
    """CORS policy tightened: three origins, and by default nobody."""
    asked = httpx.get(server.url + LAUNCHPAD, headers={"Origin": origin})

    for answer in (preflight(server, origin), asked):
        assert not [name for name in answer.headers if name.startswith("access-control-allow")]
        assert "Origin" in answer.headers["Vary"].split(", ")


@pytest.mark.parametrize(
    ("path", "credentials"),
    [(INSIGHTS, "true"), (LAUNCHPAD, None), ("/api/finance/overview", None), ("/v1/auth/me", None)],
)
def test_cors__credentials__are_for_the_wallet_alone(server: LiveServer, path: str, credentials: str | None) -> None:
    """Credentialed requests allowed only for wallet endpoints; others use token-auth headers."""
    answer = preflight(server, "https://app.gigvora.com", path)

    assert answer.headers.get("Access-Control-Allow-Credentials") == credentials


def test_limits__launchpad__lets_a_person_ask_120_times_a_minute_on_all_devices(strict: LiveServer) -> None:
    """Rate limits: 120 requests/min per user for Launchpad."""
    android = new_app(strict)
    ios = same_person(strict, android, "ios")
    statuses = [app.get(LAUNCHPAD).status_code for _ in range(80) for app in (android, ios)]

    assert set(statuses) == {200, 429}
    assert 120 <= statuses.index(429) < 140, "what drips back while they ask is little"
    refused = next(answer for answer in (ios.get(LAUNCHPAD) for _ in range(9)) if answer.status_code == 429)
    assert refused.json()["code"] == "rate_limited"
    assert int(refused.headers["Retry-After"]) >= 1
    assert "q=120;w=60" in refused.headers["RateLimit-Policy"]


def test_limits__scheduling__lets_a_person_try_30_times_a_minute(strict: LiveServer) -> None:
    """Rate limits: 30/min for mentor scheduling to prevent abuse."""
    app = new_app(strict)
    statuses = [app.post(f"/mobile/v2/mentors/{uuid4()}/sessions", json={}).status_code for _ in range(40)]

    assert 30 <= statuses.index(429) < 35
    assert app.get("/v1/mentors").status_code == 200


def test_flags__switched_off__give_back_what_was_before(strict: LiveServer) -> None:
    """Feature flags (`mobile_launchpad_v2`, `mobile_wallet_insights_v2`)."""
    app = new_app(strict)
    gone, home = app.get(INSIGHTS), app.read(LAUNCHPAD)

    assert (gone.status_code, gone.json()["code"]) == (404, "feature_disabled")
    assert home["flags"]["mobile_launchpad_v2"] is False
    assert not {card["type"] for card in home["cards"]} & {"calendar_overdue", "pending_payouts", "protect_account"}


def test_refusal__any__is_explained_by_its_decision_id(demo: LiveServer) -> None:
    """Audit logging extended to include RBAC decision trace IDs for troubleshooting."""
    refused = demo_app(demo, "support").get(INSIGHTS)
    decision = refused.headers["X-Gigvora-Decision-Id"]
    told = demo.manage("explain", decision)

    assert decision == refused.json()["decision_id"]
    assert all(word in told for word in (decision, "refused", refused.headers["X-Trace-Id"], "finance:view"))


def test_sessions__conflicts__are_found_by_a_partial_index(server: LiveServer) -> None:
    """New Postgres partial index on `sessions (mentor_id, start_time)` to speed up conflict detection."""
    statements = server.manage("sqlmigrate", "mentors", "0001").splitlines()
    indexes = [line for line in statements if '"mentors_session_live" ' in line]  # SQLite remakes it with its table

    assert indexes
    assert all('("mentor_id", "start_time") WHERE' in index for index in indexes)


def test_caches__in_redis__are_kept_as_long_as_the_release_says(demo: LiveServer, mentor: App, mentee: App) -> None:
    """Redis TTL adjustments: Launchpad card cache 45s, mentor availability 5m."""
    if not demo.env.get("REDIS_URL"):
        pytest.skip("Without Redis there is no time to live to look at.")
    import redis  # noqa: PLC0415  the embedded default does without

    window = {"from": days_from_now(7), "to": days_from_now(8), "timezone": "UTC"}
    mentee.read(f"/v1/mentors/{mentor.user_id}/availability", **window)
    new_app(demo).read(LAUNCHPAD)
    with redis.Redis.from_url(demo.env["REDIS_URL"]) as store:
        kept = {name: [store.ttl(key) for key in store.scan_iter(f"*{name}*")] for name in ("card:", "availability:")}

    assert 30 < max(kept["card:"]) <= 46
    assert 240 < max(kept["availability:"]) <= 300


def test_metrics__launchpad__show_latency_hits_and_refusals_by_surface(demo: LiveServer, mentee: App) -> None:
    """Dashboard `GV-MOBILE-LAUNCHPAD` monitors latency, cache hit ratio, and RBAC denials."""
    for headers in ({}, {}, {"X-Gigvora-Roles": "admin"}):
        mentee.get(LAUNCHPAD, headers=headers)
    told = httpx.get(f"{demo.url}/metrics").text

    for sample in (
        'gigvora_launchpad_answers_total{cache="hit",surface="mobile"}',
        f'gigvora_http_request_duration_seconds_count{{method="GET",route="{LAUNCHPAD}",status_class="2xx",surface="mobile"}}',
        'gigvora_access_refused_total{reason="role_not_held",surface="mobile"}',
    ):
        assert sample in told
