from typing import Any

import pytest
from django.core.management import CommandError, call_command

from access import redaction
from access.errors import RoleNotHeld
from access.models import AuditEntry
from access.policy import policy_version
from access.services import authorize, narrow
from core.http.access import ADMIN, Access, Assurance
from tests.access.conftest import MakePrincipal

pytestmark = pytest.mark.django_db


def explained(decision_id: str, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Lines by label; of the gates, the one that decided."""
    call_command("explain", decision_id)
    lines = [(line[:12].strip(), line[12:]) for line in capsys.readouterr().out.splitlines()]
    gates = [text for label, text in lines if label == "gate"]
    deciding = [text for text in gates if text.startswith("refused")] or [
        text for text in gates if text.startswith("passed")
    ]
    return dict(lines) | {"gate": deciding[0]}


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
        "upon": "-",
        "gate": "refused: token and roles hold the scope",
        "reason": "insufficient_scope",
        "granted by": "-",
        "remedy": "scope admin:*, which is held by: admin; the token must allow it too",
        "taken": "once",
        "policy": f"{policy_version()} (unchanged)",
    }


def test_explain__repeated_refusal__tells_how_often(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(25):
        decision = authorize(None, Access(), method="GET", route="v1/things")

    story = explained(decision.id, capsys)

    assert story["who"] == "nobody signed in, from an unknown address"
    assert story["gate"] == "refused: signed in"
    assert story["remedy"] == "signing in with one of: gigvora-mobile-android, gigvora-mobile-ios, gigvora-web"
    assert story["taken"] == "at least 10 times within a minute, maybe by more callers than this one"


@pytest.mark.parametrize(
    ("given", "gate", "remedy"),
    [
        ({}, "refused: the kind of app may come here", "signing in with one of: gigvora-admin"),
        ({"is_superuser": True}, "refused: the kind of app may come here", "signing in with one of: gigvora-admin"),
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
        "refused: X-Gigvora-Roles names roles that are held",
        "naming only roles held; the header said 'admin'",
    )


def test_explain__sensitive_grant__is_told_as_allowed(
    principal: MakePrincipal, capsys: pytest.CaptureFixture[str]
) -> None:
    decision = authorize(principal("a:read"), Access("a:read", sensitive=True), method="GET", route="v1/money")

    story = explained(decision.id.upper(), capsys)

    assert (story["outcome"], story["gate"][:7], story["remedy"]) == ("allowed", "passed:", "-")
    assert story["granted by"] == "scope a:read of the role that has lost it since"


@pytest.mark.parametrize(
    ("declared", "gate", "remedy"),
    [
        (Access(assurance=Assurance.STRONG), "refused: the device was attested", "attesting the device"),
        (Access(step_up=frozenset({"GET"})), "refused: proved who they are", "proving once more who they are"),
    ],
)
def test_explain__something_yet_to_show__tells_what(
    principal: MakePrincipal, capsys: pytest.CaptureFixture[str], declared: Access, gate: str, remedy: str
) -> None:
    decision = authorize(principal("a:read"), declared, method="GET", route="v1/money")

    story = explained(decision.id, capsys)

    assert story["gate"].startswith(gate)
    assert story["remedy"].startswith(remedy)


def test_explain__grant_of_a_scope__names_the_role_that_gave_it(
    principal: MakePrincipal, capsys: pytest.CaptureFixture[str]
) -> None:
    caller = principal("calendar:view", roles=("client", "mentor"))
    decision = authorize(caller, Access("calendar:view", sensitive=True), method="GET", route="v1/calendar")

    assert explained(decision.id, capsys)["granted by"] == "scope calendar:view of the role client and mentor"


def test_explain__decision_about_somebody_erased__tells_what_is_left(
    principal: MakePrincipal, capsys: pytest.CaptureFixture[str]
) -> None:
    caller = principal("a:read", roles=("client",))
    decision = authorize(caller, Access("admin:*"), method="GET", route="v1/things")
    redaction.redact(caller.user_id)

    call_command("explain", decision.id)

    told = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("when")]
    assert told == [
        f"decision    {decision.id}",
        "outcome     refused",
        f"who         user {caller.user_id}, session {caller.session_id}",
        "what        -",
        "upon        -",
        "reason      erased with the person it was about",
        "granted by  -",
        "remedy      -",
        "taken       -",
        "policy      -",
    ]


@pytest.mark.parametrize("unknown", ["dec_nothing", "", "dec_" + "a" * 500, "'; DROP TABLE x"])
def test_explain__unknown_id__is_a_clear_error(unknown: str) -> None:
    with pytest.raises(CommandError, match="is on record"):
        call_command("explain", unknown)
