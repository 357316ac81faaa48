"""Telling how a decision came about: every gate in its order, what the caller held, what was missing.

Not here: deciding (`policy.py`), writing decisions down (`decisions.py`).
"""

from typing import Any

from access.models import AuditEntry
from access.policy import policy_version
from access.selectors import find_decision, roles_holding, times_taken
from access.types import Gate, GateOutcome, Story

# In the order in which they are asked; the first that objects ends it.
GATES = {
    "route": "there is such a route",
    "gateway": "the gateway vouches for the request",
    "roles": "X-Gigvora-Roles names roles that are held",
    "signed_in": "signed in",
    "audience": "the kind of app may come here",
    "scope": "token and roles hold the scope",
    "assurance": "the device was attested well enough",
    "step_up": "proved who they are within the last minutes",
    "share": "the owner shares it with them",
}
_ERASED = "erased with the person it was about"
_PASSED_BY = {"public": "the route is public", "superuser": "a superuser, with the admin audience"}


def find_story(decision_id: str) -> Story | None:
    """The story of one decision, by its id as clients got it."""
    entry = find_decision(decision_id.strip().lower())
    if entry is None:
        return None
    return _story_of(entry) if "rule" in entry.details else _rest_of(entry)


def _story_of(entry: AuditEntry) -> Story:
    facts = entry.details
    return Story(
        decision_id=entry.decision_id,
        allowed=entry.outcome != AuditEntry.Outcome.DENIED,
        recorded_at=entry.recorded_at,
        trace_id=entry.trace_id,
        who=_who(entry),
        what=f"{facts['method']} /{facts['route']}" if facts["method"] else "-",
        resource=_resource(entry),
        reason=entry.reason,
        gates=_gates(entry),
        granted_by=_granted_by(entry),
        remedy=_remedy(entry),
        taken=_taken(entry),
        policy=_policy(facts["policy_version"]),
    )


def _rest_of(entry: AuditEntry) -> Story:
    """What is left to tell of a decision about somebody who was erased since."""
    return Story(
        decision_id=entry.decision_id,
        allowed=entry.outcome != AuditEntry.Outcome.DENIED,
        recorded_at=entry.recorded_at,
        trace_id=entry.trace_id,
        who=f"user {entry.user_id}, session {entry.session_id}" if entry.user_id else "nobody signed in",
        what="-",
        resource=_resource(entry),
        reason=_ERASED,
        gates=[],
        granted_by="-",
        remedy="-",
        taken="-",
        policy="-",
    )


def _resource(entry: AuditEntry) -> str:
    return f"{entry.target_type} {entry.target_id}" if entry.target_type else "-"


def _gates(entry: AuditEntry) -> list[Gate]:
    """What each gate said; those behind the one that objected were not asked."""
    rule, is_denied = entry.details["rule"], entry.outcome == AuditEntry.Outcome.DENIED
    if rule == "public":
        return [Gate("public", _PASSED_BY["public"], GateOutcome.PASSED)]
    names = list(GATES)
    decided_at = names.index(rule) if is_denied else len(names)
    return [Gate(name, GATES[name], _outcome(entry, name, place, decided_at)) for place, name in enumerate(names)]


def _outcome(entry: AuditEntry, name: str, place: int, decided_at: int) -> GateOutcome:
    if place > decided_at:
        return GateOutcome.NOT_ASKED
    if place == decided_at:
        return GateOutcome.REFUSED
    is_stranger = name == "signed_in" and entry.user_id is None
    return GateOutcome.NOT_ASKED if is_stranger or _is_idle(entry.details, name) else GateOutcome.PASSED


def _is_idle(facts: dict[str, Any], gate: str) -> bool:
    """Gates that had nothing to ask of this request."""
    if gate == "share":
        return bool(facts["rule"] != "share")
    return gate in {"gateway", "roles"} or (gate == "scope" and not facts["scope"])


def _who(entry: AuditEntry) -> str:
    if entry.user_id is None:
        return f"nobody signed in, from {entry.ip or 'an unknown address'}"
    facts = entry.details
    held = f"roles {', '.join(facts['roles']) or 'none'}; scopes {', '.join(facts['scopes']) or 'none'}"
    return f"user {entry.user_id}, session {entry.session_id}, {facts['audience']}; {held}"


def _granted_by(entry: AuditEntry) -> str:
    """What let the caller in, as roles stand now."""
    facts = entry.details
    if entry.outcome == AuditEntry.Outcome.DENIED:
        return "-"
    if facts["rule"] == "scope":
        roles = set(roles_holding(facts["scope"])) & set(facts["roles"])
        return f"scope {facts['scope']} of the role {' and '.join(sorted(roles)) or 'that has lost it since'}"
    return _PASSED_BY.get(facts["rule"], facts.get("note") or "being signed in is enough")


def _remedy(entry: AuditEntry) -> str:
    """What would have allowed it, as roles stand now."""
    facts = entry.details
    if entry.outcome != AuditEntry.Outcome.DENIED:
        return "-"
    if facts["rule"] == "scope":
        holders = ", ".join(roles_holding(facts["scope"])) or "no role"
        return f"scope {facts['scope']}, which is held by: {holders}; the token must allow it too"
    return {
        "route": "nothing: there is no such address",
        "gateway": f"coming through the gateway: {facts.get('note')}",
        "roles": f"naming only roles held; the header said {facts.get('note')}",
        "assurance": "attesting the device to a higher level",
        "share": "the owner sharing it with them",
        "step_up": "proving once more who they are, then trying again",
    }.get(facts["rule"], f"signing in with one of: {', '.join(facts['audiences'])}")


def _taken(entry: AuditEntry) -> str:
    times = times_taken(entry.decision_id)
    return "once" if times == 1 else f"at least {times} times within a minute, maybe by more callers than this one"


def _policy(version: str) -> str:
    now = policy_version()
    return f"{version} (unchanged)" if version == now else f"{version} (now {now})"
