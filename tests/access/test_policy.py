from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from access.errors import AudienceNotAllowed, InsufficientScope
from access.policy import decide, policy_version, refusal, spelt_out
from core.contributions import scopes as contributions
from core.contributions.scopes import Scope
from core.errors import AppError, NotFound, Unauthenticated
from core.http.access import ADMIN, MOBILE, WEB, Access, Audience, Declaration, Public
from tests.access.conftest import MakePrincipal

STAFF = Access("admin:*", audiences=ADMIN)


@pytest.mark.parametrize(
    ("declaration", "caller", "method", "expected"),
    [
        (Public("why"), None, "GET", (True, "public", "")),
        (Access(), None, "GET", (False, "signed_in", "unauthenticated")),
        (Access(), {}, "GET", (True, "signed_in", "")),
        (Access("a:b"), {}, "GET", (False, "scope", "insufficient_scope")),
        (Access("a:b"), {"scopes": ["a:b"]}, "GET", (True, "scope", "")),
        (Access("a:b"), {"scopes": ["a:c"]}, "GET", (False, "scope", "insufficient_scope")),
        (Access("a:b", write="a:c"), {"scopes": ["a:b"]}, "POST", (False, "scope", "insufficient_scope")),
        (Access("a:b", write="a:c"), {"scopes": ["a:c"]}, "DELETE", (True, "scope", "")),
        (Access("a:b", write="a:c"), {"scopes": ["a:c"]}, "HEAD", (False, "scope", "insufficient_scope")),
        (Access("a:b", audiences=WEB), {"scopes": ["a:b"]}, "GET", (False, "audience", "audience_not_allowed")),
        (Access("a:b"), {"is_superuser": True}, "GET", (False, "scope", "insufficient_scope")),
        (Access("a:b", audiences=WEB | ADMIN), {"is_superuser": True, "audience": Audience.WEB}, "GET",
         (False, "scope", "insufficient_scope")),
        (Access("a:b", audiences=WEB | ADMIN), {"is_superuser": True, "audience": Audience.ADMIN}, "GET",
         (True, "superuser", "")),
        (STAFF, None, "GET", (False, "audience", "unauthenticated")),
        (STAFF, {"is_superuser": True, "scopes": ["admin:*"]}, "GET", (False, "audience", "audience_not_allowed")),
        (STAFF, {"scopes": ["admin:*"], "audience": Audience.WEB}, "GET", (False, "audience", "audience_not_allowed")),
        (STAFF, {"audience": Audience.ADMIN}, "GET", (False, "scope", "insufficient_scope")),
        (STAFF, {"scopes": ["admin:*"], "audience": Audience.ADMIN}, "GET", (True, "scope", "")),
    ],
)  # fmt: skip
def test_decide__one_caller_and_route__answers_by_the_first_gate_that_objects(
    principal: MakePrincipal,
    declaration: Declaration,
    caller: dict[str, Any] | None,
    method: str,
    expected: tuple[bool, str, str],
) -> None:
    given = dict(caller or {})
    who = None if caller is None else principal(*given.pop("scopes", ()), **given)

    decision = decide(who, declaration, method)

    assert (decision.allowed, decision.rule, decision.reason) == expected


def test_decide__every_combination__allows_exactly_what_the_rules_say_in_words(principal: MakePrincipal) -> None:
    """The whole truth table, against the rules written the other way round."""
    for audience, allowed, scope, held, is_superuser in product(
        Audience, (MOBILE, WEB, ADMIN, MOBILE | WEB), ("", "a:b"), ((), ("a:b",), ("admin:*",)), (True, False)
    ):
        who = principal(*held, audience=audience, is_superuser=is_superuser)
        may = audience in allowed and (not scope or scope in held or (is_superuser and audience == "gigvora-admin"))

        assert decide(who, Access(scope, audiences=allowed), "GET").allowed is may


@pytest.mark.parametrize(
    ("declaration", "signed_in", "expected"),
    [
        (Access("a:b"), False, Unauthenticated),
        (Access("a:b"), True, InsufficientScope),
        (Access("a:b", audiences=WEB), True, AudienceNotAllowed),
        (STAFF, False, NotFound),
        (STAFF, True, NotFound),
    ],
)
def test_refusal__of_a_decision__tells_no_more_than_the_caller_may_know(
    principal: MakePrincipal, declaration: Access, signed_in: bool, expected: type[AppError]
) -> None:
    decision = decide(principal() if signed_in else None, declaration, "GET")

    error = refusal(replace(decision, audiences=declaration.audiences))

    assert type(error) is expected


def test_spelt_out__wider_scopes__include_the_narrower_to_any_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = [
        Scope("money:see", "", frozenset(), implied_by=("money:read",)),
        Scope("money:read", "", frozenset(), implied_by=("money:all",)),
        Scope("money:all", "", frozenset()),
        Scope("admin:*", "", frozenset()),
        Scope("admin:users", "", frozenset()),
    ]
    monkeypatch.setattr(contributions, "_scopes", {scope.name: scope for scope in declared})

    assert spelt_out(["money:all"]) == {"money:all", "money:read", "money:see"}
    assert spelt_out(["money:read"]) == {"money:read", "money:see"}
    assert spelt_out(["money:see"]) == {"money:see"}
    assert spelt_out(["admin:*"]) == {"admin:*", "admin:users"}
    assert spelt_out(["admin:users"]) == {"admin:users"}
    assert spelt_out([]) == frozenset()


def test_policy_version__other_declarations__is_another_short_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    before = policy_version()
    policy_version.cache_clear()
    assert policy_version() == before
    policy_version.cache_clear()
    monkeypatch.setattr(contributions, "_scopes", {"a:b": Scope("a:b", "", frozenset())})

    assert (policy_version() != before, len(before)) == (True, 12)

    policy_version.cache_clear()
