"""Who may: the rules, as functions of plain values. Not here: remembering what was decided (`decisions.py`)."""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.utils import timezone

from access import errors
from access.types import Decision, Principal
from core.contributions.scopes import Scope, declared_scopes
from core.errors import AppError, NotFound, Unauthenticated
from core.http.access import Access, Audience, Declaration, Public

PUBLIC = Decision(allowed=True, rule="public")
BY_SCOPE = Decision(allowed=True, rule="scope")
BY_SIGN_IN = Decision(allowed=True, rule="signed_in")
BY_SUPERUSER = Decision(allowed=True, rule="superuser")
NOWHERE = Decision(allowed=False, rule="route", reason="not_found")
ABSENT = Decision(allowed=False, rule="audience", reason="unauthenticated")
SIGNED_OUT = Decision(allowed=False, rule="signed_in", reason="unauthenticated")
WRONG_AUDIENCE = Decision(allowed=False, rule="audience", reason="audience_not_allowed")
LACKING_SCOPE = Decision(allowed=False, rule="scope", reason="insufficient_scope")
LACKING_ASSURANCE = Decision(allowed=False, rule="assurance", reason="assurance_required")
STALE_PROOF = Decision(allowed=False, rule="step_up", reason="step_up_required")


def decide(principal: Principal | None, declaration: Declaration, method: str) -> Decision:
    """Ask the gates in their order; the first that objects decides.

    The audience comes before everything that a role or a superuser could open, and staff routes answer
    strangers as if they did not exist.
    """
    if isinstance(declaration, Public):
        return PUBLIC
    if principal is None:
        return ABSENT if declaration.is_staff_only else SIGNED_OUT
    if principal.audience not in declaration.audiences:
        return WRONG_AUDIENCE
    by_scope = _by_scope(principal, declaration.scope_for(method))
    return (_lacking(principal, declaration, method) if by_scope.allowed else None) or by_scope


def _by_scope(principal: Principal, scope: str) -> Decision:
    if not scope:
        return BY_SIGN_IN
    if scope in principal.scopes:
        return BY_SCOPE
    if principal.is_superuser and principal.audience is Audience.ADMIN:
        return BY_SUPERUSER
    return LACKING_SCOPE


def _lacking(principal: Principal, declaration: Access, method: str) -> Decision | None:
    """What somebody who may do this has yet to show: a device one can trust, or once more who they are."""
    if principal.assurance < declaration.assurance:
        return LACKING_ASSURANCE
    if method in declaration.step_up and not _is_fresh(principal):
        return STALE_PROOF
    return None


def _is_fresh(principal: Principal) -> bool:
    return principal.proved_at is not None and timezone.now() - principal.proved_at <= settings.STEP_UP_FRESHNESS


def refusal(decision: Decision) -> AppError:
    """The error that tells the caller of a refusal, without telling more than they may know."""
    if decision.hides_the_route:
        return NotFound(decision_id=decision.id)
    if decision.rule == "signed_in":
        return Unauthenticated(decision_id=decision.id)
    if decision.rule == "audience":
        return errors.AudienceNotAllowed(decision_id=decision.id)
    if decision.rule == "assurance":
        return errors.AssuranceRequired(decision_id=decision.id)
    if decision.rule == "step_up":
        max_age = int(settings.STEP_UP_FRESHNESS.total_seconds())
        return errors.StepUpRequired(decision_id=decision.id, max_age=max_age)
    return errors.InsufficientScope(decision_id=decision.id, scope=decision.scope)


def spelt_out(scopes: Iterable[str]) -> frozenset[str]:
    """The scopes, and every narrower one that they include."""
    return _spelt_out(frozenset(scopes), declared_scopes())


@lru_cache(maxsize=1024)
def _spelt_out(scopes: frozenset[str], declared: tuple[Scope, ...]) -> frozenset[str]:
    held = set(scopes)
    while True:
        narrower = {
            scope.name
            for scope in declared
            if scope.name not in held and (held.intersection(scope.implied_by) or _wildcard(scope.name) in held)
        }
        if not narrower:
            return frozenset(held)
        held |= narrower


def is_staff_scope(scope: str) -> bool:
    return scope.startswith("admin:")


def _wildcard(scope: str) -> str:
    return scope.partition(":")[0] + ":*"


@lru_cache(maxsize=1)
def policy_version() -> str:
    """A digest of what apps declare: scopes, what includes them, who holds them from the start."""
    declared = [f"{scope.name} {sorted(scope.personas)} {scope.implied_by}" for scope in declared_scopes()]
    return sha256("\n".join(declared).encode()).hexdigest()[:12]
