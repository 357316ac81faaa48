from typing import Any

import pytest
from django.core.management import CommandError, call_command

from access.errors import RoleNotHeld
from access.models import AuditEntry
from access.policy import policy_version
from access.services import authorize, narrow
from core.http.access import ADMIN, Access
from tests.access.conftest import MakePrincipal

pytestmark = pytest.mark.django_db


def explained(decision_id: str, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    call_command("explain", decision_id)
    return dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())


def test_explain__missing_scope__tells_who_what_gate_and_remedy(
    principal: MakePrincipal, capsys: pytest.CaptureFixture[str]
) -> None:
    caller = principal("a:read", roles=("client",))
    decision = authorize(caller, Access("admin:*"), method="POST", route="v1/things/<uuid:id>")

    story = explained(decision.id, capsys)

    entry = AuditEntry.objects.get()
    assert story == {
        "decision": decision.id,
        "outcome": "refused",
        "when": f"{entry.recorded_at.isoformat()}  trace {entry.trace_id}",
        "who": f"user {caller.user_id}, session {caller.session_id}, gigvora-mobile-android; "
        "roles client; scopes a:read",
        "what": "POST /v1/things/<uuid:id>",
        "gate": "scope gate (insufficient_scope)",
        "remedy": "scope admin:*, which is held by: admin; the token must allow it too",
        "taken": "once",
        "policy": f"{policy_version()} (unchanged)",
    }


def test_explain__repeated_refusal__tells_how_often(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(25):
        decision = authorize(None, Access(), method="GET", route="v1/things")

    story = explained(decision.id, capsys)

    assert story["who"] == "nobody signed in, from an unknown address"
    assert story["gate"] == "sign-in gate (unauthenticated)"
    assert story["remedy"] == "signing in with one of: gigvora-mobile-android, gigvora-mobile-ios, gigvora-web"
    assert story["taken"] == "at least 10 times within a minute, maybe by more callers than this one"


@pytest.mark.parametrize(
    ("given", "gate", "remedy"),
    [
        ({}, "audience gate (audience_not_allowed)", "signing in with one of: gigvora-admin"),
        ({"is_superuser": True}, "audience gate (audience_not_allowed)", "signing in with one of: gigvora-admin"),
    ],
)
def test_explain__staff_route__tells_the_audience(
    principal: MakePrincipal, capsys: pytest.CaptureFixture[str], given: dict[str, Any], gate: str, remedy: str
) -> None:
    decision = authorize(principal(**given), Access("admin:*", audiences=ADMIN), method="GET", route="staff")

    story = explained(decision.id, capsys)

    assert (story["gate"], story["remedy"]) == (gate, remedy)


def test_explain__role_not_held__tells_what_the_header_said(
    principal: MakePrincipal, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RoleNotHeld) as refused:
        narrow(principal(roles=("client",)), "admin")

    story = explained(refused.value.extra["decision_id"], capsys)

    assert (story["gate"], story["remedy"]) == (
        "X-Gigvora-Roles (role_not_held)",
        "naming only roles held; the header said 'admin'",
    )


def test_explain__sensitive_grant__is_told_as_allowed(
    principal: MakePrincipal, capsys: pytest.CaptureFixture[str]
) -> None:
    decision = authorize(principal("a:read"), Access("a:read", sensitive=True), method="GET", route="v1/money")

    story = explained(decision.id.upper(), capsys)

    assert (story["outcome"], story["gate"], story["remedy"]) == ("allowed", "scope gate (scope)", "-")


@pytest.mark.parametrize("unknown", ["dec_nothing", "", "dec_" + "a" * 500, "'; DROP TABLE x"])
def test_explain__unknown_id__is_a_clear_error(unknown: str) -> None:
    with pytest.raises(CommandError, match="is on record"):
        call_command("explain", unknown)
