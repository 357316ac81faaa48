from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from core import context
from core.http.conditional import CachePolicy
from core.http.kept import KeptBodies, Recent, kept_bodies
from tests.core.http.people import PeopleViewSet
from tests.core.http.wiring import Caller, people

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.http.people")]


@pytest.fixture(params=["digest", "data version"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Both ways in which a list gets its tag."""
    kept_bodies.clear()
    monkeypatch.setattr(PeopleViewSet, "token", "7" if request.param == "data version" else None)
    yield request.param
    kept_bodies.clear()


@pytest.fixture
def versioned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kept_bodies.clear()
    monkeypatch.setattr(PeopleViewSet, "token", "7")
    monkeypatch.setattr(PeopleViewSet, "reads", 0)
    yield
    kept_bodies.clear()


@pytest.mark.parametrize("held", ["{tag}", "W/{tag}", '"other", {tag}', '"other" , W/{tag},"third"', "*"])
def test_get__if_none_match_holds_the_tag__not_modified(kind: str, held: str) -> None:
    people("Ada")
    caller = Caller()
    full = caller.get("/v1/people")
    tag = full["ETag"]
    response = caller.get("/v1/people", If_None_Match=held.format(tag=tag))

    assert tag.startswith('"')
    assert (response.status_code, response.content, response["ETag"]) == (304, b"", tag)
    assert (response["Cache-Control"], response["Vary"]) == (full["Cache-Control"], full["Vary"])
    assert "Content-Type" not in response


@pytest.mark.parametrize("held", ['"other"', 'W/"other"', "{bare}", '"{bare}x"', "", '"', "\x00"])
def test_get__if_none_match_holds_another_tag__answered_in_full(kind: str, held: str) -> None:
    people("Ada")
    caller = Caller()
    full = caller.get("/v1/people")
    response = caller.get("/v1/people", If_None_Match=held.format(bare=full["ETag"].strip('"')))

    assert (response.status_code, response.content) == (200, full.content)


def test_head__any_list__headers_of_the_get_without_its_body(kind: str) -> None:
    people("Ada")
    caller = Caller()
    got = caller.get("/v1/people")
    head = caller.send("HEAD", "/v1/people")

    assert (head.status_code, head.content, head["ETag"]) == (200, b"", got["ETag"])
    assert caller.send("HEAD", "/v1/people", If_None_Match=got["ETag"]).status_code == 304


def test_tag__all_that_the_body_depends_on__part_of_it(kind: str) -> None:
    people("Ada", "Bea")
    caller = Caller()
    paths = ["/v1/people", "/api/people", "/v1/people?fields=id", "/v1/people?limit=1", "/v1/people?is_active=true"]
    tags = [caller.get(path)["ETag"] for path in paths]
    tags += [caller.get("/v1/people", X_App_Version=f"2024.0{month}.0")["ETag"] for month in (6, 7, 8)]
    tags.append(Caller(user_id=caller.user_id, access_version="2").get("/v1/people")["ETag"])
    tags.append(Caller().get("/v1/people")["ETag"])

    assert len(set(tags)) == len(tags)
    assert caller.get("/v1/people", X_App_Version="2024.09.3")["ETag"] == tags[0]


def test_get__tag_of_another_user__answered_in_full(kind: str) -> None:
    people("Ada")
    tag = Caller().get("/v1/people")["ETag"]

    assert Caller().get("/v1/people", If_None_Match=tag).status_code == 200


def test_list__data_unchanged__neither_rows_nor_view_are_asked(versioned: None) -> None:
    people("Ada")
    caller = Caller()
    first, second = caller.get("/v1/people?limit=1"), caller.get("/v1/people?limit=1")
    User.objects.all().delete()
    kept = caller.get("/v1/people?limit=1")
    unchanged = caller.get("/v1/people?limit=1", If_None_Match=first["ETag"])

    assert PeopleViewSet.reads == 2
    assert second.content == first.content
    assert (kept.content, dict(kept.headers)) == (
        first.content,
        {**dict(first.headers), "X-Trace-Id": kept["X-Trace-Id"]},
    )
    assert unchanged.status_code == 304


def test_list__asked_once__nothing_kept(versioned: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.http.reading.kept_bodies", None)

    assert Caller().get("/v1/people").status_code == 200


def test_recent__more_than_fit__the_oldest_forgotten() -> None:
    recent = Recent[str](capacity=2)

    assert [recent.has(tag) for tag in "abab"] == [False, False, True, True]
    assert [recent.has(tag) for tag in "vwxyz"] == [False] * 5
    assert [recent.has(tag) for tag in "zya"] == [True, True, False]


def test_kept_bodies__more_than_fit__the_oldest_dropped() -> None:
    kept = KeptBodies(capacity=100)
    bodies = {tag: tag.encode() * 20 for tag in "abcdefgh"}
    for tag, body in bodies.items():
        kept.keep(tag, tag, body, {}, None)

    found = {tag: shown.body for tag in bodies if (shown := kept.find(tag))}
    assert 0 < len(found) < len(bodies)
    assert found == {tag: bodies[tag] for tag in sorted(bodies)[-len(found) :]}


def test_kept_bodies__five_minutes_later__dropped() -> None:
    kept, now = KeptBodies(), datetime(2026, 11, 20, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        kept.keep("a", "a", b"body", {}, None)
    with time_machine.travel(now + timedelta(seconds=299), tick=False):
        assert kept.find("a") is not None
    with time_machine.travel(now + timedelta(seconds=301), tick=False):
        assert kept.find("a") is None
        kept.keep("b", "b", b"body", {}, None)

    assert list(kept._kept) == ["b"]


def test_list__kept_body__never_anothers(versioned: None) -> None:
    people("Ada")
    mine, theirs = Caller(), Caller("none")
    for _ in range(2):
        assert "rename" in mine.get("/v1/people").json()["data"][0]["_links"]
    for _ in range(3):
        assert "rename" not in theirs.get("/v1/people").json()["data"][0]["_links"]

    assert PeopleViewSet.reads == 4


def test_list__data_changed__read_again(versioned: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (ada,) = people("Ada")
    caller = Caller()
    tag = caller.get("/v1/people")["ETag"]
    ada.delete()
    monkeypatch.setattr(PeopleViewSet, "token", "8")
    response = caller.get("/v1/people", If_None_Match=tag)

    assert (response.status_code, response.json()["data"]) == (200, [])


def test_list__refused_before_anything_was_kept__stays_refused(versioned: None) -> None:
    caller = Caller()

    assert caller.get("/v1/people?limit=0", If_None_Match="*").status_code == 422
    assert caller.get("/v1/people?limit=0").status_code == 422


def test_list__changes_by_itself__true_until_that_moment(versioned: None, monkeypatch: pytest.MonkeyPatch) -> None:
    people("Ada")
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    monkeypatch.setattr(PeopleViewSet, "changes_at", now + timedelta(seconds=60))
    caller = Caller()
    with time_machine.travel(now, tick=False):
        first = caller.get("/v1/people")
        assert caller.get("/v1/people", If_None_Match=first["ETag"]).status_code == 304
        assert [caller.get("/v1/people")["ETag"] for _ in range(2)] == [first["ETag"]] * 2
        assert PeopleViewSet.reads == 2
    monkeypatch.setattr(PeopleViewSet, "changes_at", now + timedelta(seconds=120))
    with time_machine.travel(now + timedelta(seconds=60), tick=False):
        second = caller.get("/v1/people", If_None_Match=first["ETag"])

    assert (second.status_code, PeopleViewSet.reads) == (200, 3)
    assert second["ETag"] != first["ETag"]


@pytest.mark.parametrize("moment", ["²", "9" * 500, "-5", "1e9", "NaN"])
def test_list__moment_in_the_tag_made_up__never_an_error(versioned: None, moment: str) -> None:
    caller = Caller()
    tag = caller.get("/v1/people")["ETag"].strip('"')

    assert caller.get("/v1/people", If_None_Match=f'"{tag}.{moment}"').status_code in {200, 304}


def test_detail__tag_of_a_resource_with_a_version__shows_it_and_guards_changes() -> None:
    (ada,) = people("Ada")
    caller = Caller()
    first = caller.get(f"/v1/people/{ada.id}")
    changed = caller.send("PATCH", f"/v1/people/{ada.id}", {"full_name": "Ada L."}, If_Match=first["ETag"])
    lost = caller.send("PATCH", f"/v1/people/{ada.id}", {"full_name": "Ada M."}, If_Match=first["ETag"])
    again = caller.send("PATCH", f"/v1/people/{ada.id}", {"full_name": "Ada N."}, If_Match=changed["ETag"])

    assert first["ETag"].startswith('"v1.')
    assert changed["ETag"].startswith('"v2.')
    assert (changed.status_code, lost.status_code, lost.json()["code"]) == (200, 412, "precondition_failed")
    assert (again.status_code, again.json()["full_name"]) == (200, "Ada N.")
    assert caller.get(f"/v1/people/{ada.id}")["ETag"] == again["ETag"]
    assert caller.get(f"/v1/people/{ada.id}", If_None_Match=again["ETag"]).status_code == 304


@pytest.mark.parametrize(
    ("held", "status"),
    [
        ("*", 200),
        ('"v1.abc"', 200),
        ('"x", "v1.abc"', 200),
        ("", 412),
        ('W/"v1.abc"', 412),
        ('"abc"', 412),
        ("v1.abc", 412),
        ('"v2.abc"', 412),
        ('"v' + "9" * 30 + '.a"', 412),
    ],
)
def test_change__if_match__strong_comparison_with_the_rows_version(held: str, status: int) -> None:
    (ada,) = people("Ada")

    response = Caller().send("PATCH", f"/v1/people/{ada.id}", {"full_name": "Eve"}, If_Match=held)

    assert response.status_code == status
    assert User.objects.get().full_name == ("Eve" if status == 200 else "Ada")


@pytest.mark.parametrize("prefer", ["require-match", "respond-async, require-match", "wait=1; require-match"])
def test_change__client_prefers_require_match__precondition_required(prefer: str) -> None:
    (ada,) = people("Ada")
    caller, path = Caller(), f"/v1/people/{ada.id}"

    refused = caller.send("PATCH", path, {"full_name": "Eve"}, Prefer=prefer)
    assert (refused.status_code, refused.json()["code"]) == (428, "precondition_required")
    assert caller.send("PATCH", path, {"full_name": "Eve"}, Prefer=prefer, If_Match="*").status_code == 200
    assert caller.send("PATCH", path, {"full_name": "Eva"}, Prefer="return=minimal").status_code == 200


@pytest.mark.parametrize(
    ("path", "channel", "expected"),
    [
        ("/v1/people", context.Channel.ANDROID, "private, no-cache"),
        ("/api/people", context.Channel.WEB, "private, max-age=30"),
        ("/api/people", context.Channel.IOS, "private, max-age=30, stale-if-error=86400"),
    ],
)
def test_cache_control__by_surface_and_channel__as_declared(
    path: str, channel: context.Channel, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "current", lambda: context.Context(channel=channel))

    assert Caller().get(path)["Cache-Control"] == expected


def test_cache_control__changes_and_problems__no_store() -> None:
    (ada,) = people("Ada")
    caller = Caller()
    answers = [
        caller.send("PATCH", f"/v1/people/{ada.id}", {"full_name": "Eve"}),
        caller.send("DELETE", f"/v1/people/{ada.id}"),
        caller.get(f"/api/people/{ada.id}"),
        Client().get("/api/people"),
    ]

    assert [(answer.status_code, answer["Cache-Control"]) for answer in answers] == [
        (200, "no-store"), (204, "no-store"), (404, "no-store"), (401, "no-store"),
    ]  # fmt: skip


def test_vary__any_answer__names_what_it_depends_on() -> None:
    for response in (Caller().get("/v1/people"), Client().get("/v1/people"), Caller().get("/v1/nothing")):
        named = set(response["Vary"].split(", "))
        assert {"Origin", "Accept-Encoding"} <= named
    assert {"Accept", "Authorization", "X-App-Version", "X-Gigvora-Roles"} <= set(
        Caller().get("/v1/people")["Vary"].split(", ")
    )


def test_cache_policy__must_revalidate__said() -> None:
    assert CachePolicy(0, must_revalidate=True).header(is_mobile=True) == "private, max-age=0, must-revalidate"
