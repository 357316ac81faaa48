"""Tell the story of one decision."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.models import AuditEntry
from access.policy import policy_version
from access.selectors import find_decision, roles_holding, times_taken

_GATES = {
    "public": "the route is public",
    "audience": "audience gate",
    "signed_in": "sign-in gate",
    "scope": "scope gate",
    "superuser": "superuser, honoured with the admin audience alone",
    "roles": "X-Gigvora-Roles",
    "route": "no such route",
}


class Command(BaseCommand):
    help = "Explain a decision by its id, as found in X-Gigvora-Decision-Id or a problem's decision_id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("decision_id", metavar="dec_…")

    def handle(self, *args: Any, decision_id: str, **options: Any) -> None:
        entry = find_decision(decision_id.strip().lower())
        if entry is None:
            raise CommandError(f"No decision {decision_id!r} is on record.")
        for label, text in _story(entry):
            self.stdout.write(f"{label:<12}{text}")


def _story(entry: AuditEntry) -> list[tuple[str, str]]:
    facts = entry.details
    return [
        ("decision", entry.decision_id),
        ("outcome", "refused" if entry.outcome == AuditEntry.Outcome.DENIED else "allowed"),
        ("when", f"{entry.recorded_at.isoformat()}  trace {entry.trace_id}"),
        ("who", _who(entry)),
        ("what", f"{facts['method']} /{facts['route']}" if facts["method"] else "-"),
        ("gate", f"{_GATES[facts['rule']]} ({entry.reason})"),
        ("remedy", _remedy(entry)),
        ("taken", _taken(entry)),
        ("policy", _policy(facts["policy_version"])),
    ]


def _who(entry: AuditEntry) -> str:
    if entry.user_id is None:
        return f"nobody signed in, from {entry.ip or 'an unknown address'}"
    facts = entry.details
    held = f"roles {', '.join(facts['roles']) or 'none'}; scopes {', '.join(facts['scopes']) or 'none'}"
    return f"user {entry.user_id}, session {entry.session_id}, {facts['audience']}; {held}"


def _remedy(entry: AuditEntry) -> str:
    """What would have allowed it, as roles stand now."""
    facts = entry.details
    if entry.outcome != AuditEntry.Outcome.DENIED:
        return "-"
    if facts["rule"] == "roles":
        return f"naming only roles held; the header said {facts['note']}"
    if facts["rule"] == "route":
        return "nothing: there is no such address"
    if facts["rule"] == "scope":
        holders = ", ".join(roles_holding(facts["scope"])) or "no role"
        return f"scope {facts['scope']}, which is held by: {holders}; the token must allow it too"
    return f"signing in with one of: {', '.join(facts['audiences'])}"


def _taken(entry: AuditEntry) -> str:
    times = times_taken(entry.decision_id)
    return "once" if times == 1 else f"at least {times} times within a minute, maybe by more callers than this one"


def _policy(version: str) -> str:
    now = policy_version()
    return f"{version} (unchanged)" if version == now else f"{version} (now {now})"
