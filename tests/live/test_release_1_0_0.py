"""What the alignment for the mobile release v1.0.0 promises, against a running server with demo data.

The first line of each test quotes the line of the document that it proves. Mobile origins and CORS, which that
document only confirms, stand in `test_release_2024_09.py`; how builds and migrations behave in `tests/architecture`.
"""

from typing import Any
from uuid import UUID

import httpx
import pytest

from core.http import bursts
from tests.live.people import (
    PASSWORD,
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
from tests.live.server import LiveServer, beside
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.xdist_group("live")

DAY = 86_400
PERSONAS = ("freelancer", "client", "mentor", "support", "lead", "marketing", "finance", "admin")
WINDOWS = {
    "explorer": ("private, max-age=60", ("listings", "listings/facets", "tags", "applications", "feed")),
    "calendar": ("private, max-age=30", ("events", "days", "shares", "export.ics")),
    "finance": (
        "private, max-age=0, must-revalidate",
        ("accounts", "ledger", "overview", "insights", "payouts", "exports"),
    ),
}
SESSIONS = """
from accounts.models import DeviceSession
print(*DeviceSession.objects.filter(user_id="{id}").order_by("id").values_list("audience", "device__name"))
"""


def event_at(days: float, **fields: Any) -> dict[str, Any]:
    starts, ends = days_from_now(days), days_from_now(days + 0.02)
    return {"title": "Smoke", "startsAt": starts, "endsAt": ends, "timezone": "Europe/Berlin", **fields}


@pytest.fixture(scope="module")
def android(demo: LiveServer) -> App:
    return demo_app(demo, "freelancer")


@pytest.fixture(scope="module")
def web(demo: LiveServer) -> App:
    return demo_app(demo, "freelancer", "web")


def test_smoke__login__leads_to_the_person(demo: LiveServer) -> None:
    """Staging smoke tests validated login … end-to-end from mobile clients using production-like data seeds."""
    for platform in PLATFORMS:
        app = demo_app(demo, "freelancer", platform)
        assert app.read("/api/auth/me")["fullName"] == "Frida Lance"
        assert app.post("/api/auth/logout", json={}).status_code == 200
        assert app.get("/api/auth/me").status_code == 401


def test_smoke__calendar__is_written_read_changed_and_deleted(android: App) -> None:
    """Staging smoke tests validated … calendar CRUD."""
    created = android.post("/api/calendar/events", json=event_at(40))
    assert created.status_code == 201, created.text
    path = f"/api/calendar/events/{created.json()['id']}"
    assert android.patch(path, json={"title": "Changed"}).json()["title"] == "Changed"
    assert android.read(path)["title"] == "Changed"
    window = {"from": days_from_now(39), "to": days_from_now(41)}
    assert [each["title"] for each in android.read("/api/calendar/events", **window)["data"]].count("Changed") == 1
    assert android.delete(path).status_code == 204
    assert android.get(path).status_code == 404


def test_smoke__explorer__finds_what_was_meant(android: App) -> None:
    """Staging smoke tests validated … explorer search."""
    found = android.read("/api/explorer/listings", q="desinger", limit=5)["data"]

    assert found
    assert all("esign" in f"{each['title']} {each['description']} {each['expertiseTags']}" for each in found)


@pytest.mark.parametrize(("kind", "begins"), [("csv", b""), ("xlsx", b"PK"), ("pdf", b"%PDF")])
def test_smoke__finance__hands_out_a_file_of_the_ledger(android: App, kind: str, begins: bytes) -> None:
    """Staging smoke tests validated … finance exports end-to-end from mobile clients."""
    wanted = {"format": kind, "from": days_from_now(-30), "to": days_from_now(1)}
    asked = android.post("/v1/finance/exports", json=wanted)
    assert asked.status_code == 202, asked.text
    path = asked.headers["Location"]
    ready: Any = eventually(lambda: found if (found := android.read(path))["status"] == "ready" else None, 60)
    file = android.get(ready["_links"]["download"]["href"])

    assert file.status_code == 200, file.text
    assert len(file.content) == ready["size"]
    assert file.content.startswith(begins)
    newest = android.read("/api/finance/ledger", limit=1)["data"][0]
    assert kind != "csv" or newest["description"] in file.text


def test_session__of_each_platform__is_kept_apart_by_its_device(demo: LiveServer) -> None:
    """Annotates device metadata so that `mobile-android` and `mobile-ios` can be told apart, without altering JWTs."""
    first = new_app(demo)
    apps = [first, *(same_person(demo, first, platform) for platform in ("ios", "web"))]

    assert len({frozenset(app.claims) for app in apps}) == 1
    assert [app.claims["did"] for app in apps] == [app.tokens["device"]["id"] for app in apps]
    told = run_python(demo, SESSIONS.format(id=first.user_id))
    names = ("gigvora-mobile-android", "gigvora-mobile-ios", "gigvora-web")
    assert told == " ".join(f"('{name}', 'Own {platform}')" for name, platform in zip(names, PLATFORMS, strict=True))
    security = first.read("/v1/security/events", limit=50)["data"]
    for action in ("login.success", "device.added"):
        channels = {each["channel"] for each in security if each["action"] == action}
        assert channels == {"mobile-android", "mobile-ios", "web"}, action


def test_calendar__by_days__is_keyed_as_the_app_expects(android: App, web: App) -> None:
    """Day-keyed results match `CalendarEvent.dayKey`, including completion toggles and cancellation metadata."""
    body = event_at(0, startsAt="2027-03-28T22:30:00Z", endsAt="2027-03-28T23:00:00Z")
    created = android.post("/api/calendar/events", json=body)
    event = created.json()["id"]
    window = {"from": "2027-03-28T00:00:00Z", "to": "2027-03-30T00:00:00Z", "timezone": "Europe/Berlin"}

    def shown(app: App) -> Any:
        days = app.read("/api/calendar/days", **window)["days"]
        [found] = [each for each in days["2027-03-29"] if each["id"] == event]  # half past midnight, summer time
        return found

    assert created.json()["dayKey"] in {"2027-03-28", "2027-03-29"}
    for step, status in (("complete", "completed"), ("reopen", "confirmed"), ("cancel", "cancelled")):
        answer = android.post(
            f"/api/calendar/events/{event}/{step}", json={"reason": "ill"} if step == "cancel" else {}
        )
        assert (answer.status_code, answer.json()["status"]) == (200, status), answer.text
        assert [(shown(app)["dayKey"], shown(app)["status"]) for app in (android, web)] == [("2027-03-29", status)] * 2
    cancelled = shown(web)
    assert cancelled["cancellationReason"] == "ill"
    assert cancelled["cancelledAt"]
    assert cancelled["completedAt"] is None


def test_explorer__tags_and_engagement__are_the_same_on_every_surface(demo: LiveServer, android: App, web: App) -> None:
    """Marketplace cards render consistent expertise tags and engagement stats."""
    before = android.read("/api/explorer/listings", limit=1)["data"][0]
    path = f"explorer/listings/{before['id']}"
    demo_app(demo, "client", "ios").put(f"/api/{path}/like")
    shown = [app.read(f"/{root}/{path}") for app in (android, web) for root in ("api", "v1")]
    shown.append(
        next(each for each in web.read("/api/explorer/listings", limit=50)["data"] if each["id"] == before["id"])
    )

    tags = [each.get("expertiseTags") or each["expertise_tags"] for each in shown]
    assert tags == [before["expertiseTags"]] * 5
    assert [set(tag) for tag in tags[0]] == [{"slug", "label", "weight"}] * len(tags[0])
    assert all(each["engagement"] == shown[0]["engagement"] for each in shown)
    assert shown[0]["engagement"]["likes"] == before["engagement"]["likes"] + 1


def test_finance__accounts_and_ledgers__come_in_one_order_formatted(android: App, web: App) -> None:
    """Currency-formatted ledgers and account balances in the same order used by the finance overview charts."""
    for name in ("accounts", "ledger", "overview"):
        assert android.read(f"/api/finance/{name}") == web.read(f"/api/finance/{name}")
    overview, accounts = android.read("/api/finance/overview"), android.read("/api/finance/accounts")["data"]

    ids = [each["id"] for each in accounts]
    assert [each["id"] for each in overview["accounts"]] == ids
    assert [each["id"] for each in web.read("/v1/finance/accounts")["data"]] == ids
    assert sorted(accounts, key=lambda each: (each["position"], each["name"])) == accounts
    days = [each["day"] for each in overview["series"][0]["points"]]
    assert days == sorted(days)
    assert all(each["balance"]["formatted"].startswith("$") for each in accounts)


@pytest.mark.parametrize("area", WINDOWS)
def test_caching__of_each_area__has_the_staleness_of_its_channel(android: App, web: App, area: str) -> None:
    """Channel-specific caching headers for `/api/explorer`, `/api/calendar`, and `/api/finance` responses."""
    window, names = WINDOWS[area]
    for name in names:
        mobile, browser = (app.get(f"/api/{area}/{name}") for app in (android, web))
        assert mobile.headers["Cache-Control"] == f"{window}, stale-if-error={DAY}", name
        assert browser.headers["Cache-Control"] == window, name
        again = android.get(f"/api/{area}/{name}", headers={"If-None-Match": mobile.headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (304, mobile.headers["Cache-Control"]), name


def test_webhook__of_a_mobile_change__names_the_channel(demo: LiveServer, receiver: Receiver) -> None:
    """Webhook payloads that broadcast freelancer lifecycle updates now include the triggering channel."""
    person = new_app(demo)
    grant(demo, person, "agency")
    apps = [same_person(demo, person, platform) for platform in PLATFORMS]
    hook = apps[2].post("/v1/webhooks", json={"url": receiver.address, "events": ["freelancer.profile_updated"]})
    assert hook.status_code == 201, hook.text
    receiver.secrets.append(hook.json()["secret"])

    for app, name in zip(apps, ("Ada A", "Ada I", "Ada W"), strict=True):
        assert app.patch("/api/auth/me", json={"fullName": name}).status_code == 200

    def arrived() -> list[Any]:
        found = [each for each in receiver.events.values() if each["data"]["id"] == person.user_id]
        return found if len(found) == len(apps) else []

    assert {each["channel"] for each in eventually(arrived)} == {"mobile-android", "mobile-ios", "web"}
    assert {each["type"] for each in arrived()} == {"freelancer.profile_updated"}


@pytest.mark.parametrize("mailbox", PERSONAS)
def test_personas__on_mobile__hold_what_is_meant_and_no_staff_scope(demo: LiveServer, mailbox: str) -> None:
    """Mobile personas expose only the intended scopes and cannot traverse into admin-only routes."""
    app = demo_app(demo, mailbox, "ios")

    assert {"calendar:view", "feed:read"} <= app.scopes
    assert ("finance:read" in app.scopes) == (mailbox in {"freelancer", "client", "mentor"})
    assert not [scope for scope in app.scopes if scope.startswith("admin:")]
    assert {app.get(path).status_code for path in ("/admin/", "/admin/access/role/", "/admin/logout/")} == {404}


def test_refresh__of_a_device__rotates_for_itself_and_is_on_record(demo: LiveServer) -> None:
    """Per-device rotation identifiers and short-lived inactivity windows, with audit trails."""
    phone = new_app(demo)
    tablet = same_person(demo, phone, "ios")
    browser = same_person(demo, phone, "web")
    assert [app.tokens["refreshExpiresIn"] // DAY for app in (phone, tablet)] == [7, 7]
    assert 0 < browser.tokens["refreshExpiresIn"] <= DAY
    assert phone.claims["sid"] != tablet.claims["sid"]

    stolen = phone.tokens["refreshToken"]
    for _ in range(2):
        phone.take(phone.post("/api/auth/refresh", json={"refreshToken": phone.tokens["refreshToken"]}).json())
    reused = phone.post("/api/auth/refresh", json={"refreshToken": stolen})

    assert (reused.status_code, reused.json()["code"]) == (401, "token_reused")
    assert phone.get("/api/auth/me").status_code == 401
    trail = tablet.read("/v1/security/events", limit=50)["data"]
    assert [each["channel"] for each in trail if each["action"] == "refresh.reused"]
    assert tablet.post("/api/auth/refresh", json={"refreshToken": tablet.tokens["refreshToken"]}).status_code == 200


def test_metrics__of_each_channel__carry_its_surface(demo: LiveServer) -> None:
    """Metrics emitted now include `surface` labels (`web`, `mobile`, `admin`)."""
    for platform in PLATFORMS:
        new_app(demo, platform).read("/api/auth/me")
    httpx.get(f"{demo.url}/admin/login/")
    wrong = {"email": "nobody@example.com", "password": PASSWORD, "device": {"platform": "ios"}}
    assert httpx.post(f"{demo.url}/api/auth/login", json=wrong).status_code == 401
    told = httpx.get(f"{demo.url}/metrics").text

    count = "gigvora_http_request_duration_seconds_count"
    for surface in ("web", "mobile"):
        assert f'{count}{{method="GET",route="/api/auth/me",status_class="2xx",surface="{surface}"}}' in told
    assert f'{count}{{method="POST",route="/api/auth/login",status_class="4xx",surface="mobile"}}' in told
    assert f'{count}{{method="GET",route="/admin/login/",status_class="2xx",surface="admin"}}' in told


def test_start__cold__answers_both_health_checks(server: LiveServer) -> None:
    """Health checks behind `/health` and `/readiness` were validated.

    That a cold start stays under two seconds is measured by `bench`, on a machine that does nothing else meanwhile.
    """
    with beside(server) as fresh:
        assert httpx.get(f"{fresh.url}/health", timeout=10).json() == {"status": "ok"}
        assert eventually(lambda: httpx.get(f"{fresh.url}/readiness", timeout=10).is_success)


def test_limits__after_a_push__let_a_device_in_beyond_its_share_and_once(strict: LiveServer) -> None:
    """Rate limiting … consistently while allowing controlled bursts for notification-driven re-engagement traffic."""
    if not strict.env.get("REDIS_URL"):
        pytest.skip("Without Redis nobody but the server itself can tell it of a push.")
    app = new_app(strict, "ios")

    def let_in() -> int:
        return next(number for number in range(900) if app.get("/v1/notifications").status_code == 429)

    assert let_in() >= 300
    bursts.grant(UUID(app.claims["did"]))
    assert let_in() >= bursts.REQUESTS
    assert let_in() < bursts.REQUESTS, "what drips back, and no second allowance"


def test_beta_builds__before_the_release__are_served_in_their_shape(android: App) -> None:
    """Previous beta builds remain functional against the updated backend."""
    window = {"from": days_from_now(-20), "to": days_from_now(20)}
    for train in ("2024.06.0", "2024.07.0", "2024.08.0"):
        listed = android.get("/api/calendar/events", params=window, headers={"X-App-Version": train})
        assert listed.status_code == 200, listed.text
        rows = listed.json()["results" if train == "2024.06.0" else "data"]
        assert all("isCompleted" in each for each in rows)
    newest = android.read("/api/calendar/events", **window)["data"]
    assert rows
    assert not any("isCompleted" in each for each in newest)


def test_documentation__of_the_api__is_published(server: LiveServer) -> None:
    """Publish refreshed API documentation."""
    document = httpx.get(f"{server.url}/v1/openapi.json").json()

    assert {"/api/calendar/events", "/mobile/v2/launchpad", "/mobile/v2/wallet/insights"} <= set(document["paths"])
    assert httpx.get(f"{server.url}/docs").status_code == 200
