"""Deciding who may, recording what happened, giving and taking roles."""

from access.gateway import check as require_assertion
from access.services.deciding import authorize, decide_by_share, enforce, narrow
from access.services.reviewing import approve, expire_requests, reject
from access.services.roles import change_role, forget_grants, forget_policy, grant_role, revoke_role
from access.services.staffing import (
    appoint_admin,
    check_may_leave,
    check_may_suspend,
    create_role,
    give_role,
    set_scopes,
    somebody_is_left,
    take_role,
)
from access.trail import record

__all__ = (
    "appoint_admin",
    "approve",
    "authorize",
    "change_role",
    "check_may_leave",
    "check_may_suspend",
    "create_role",
    "decide_by_share",
    "enforce",
    "expire_requests",
    "forget_grants",
    "forget_policy",
    "give_role",
    "grant_role",
    "narrow",
    "record",
    "reject",
    "require_assertion",
    "revoke_role",
    "set_scopes",
    "somebody_is_left",
    "take_role",
)
