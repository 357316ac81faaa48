"""Refusals by access. Each carries the `decision_id` under which `manage.py explain` tells why."""

from core.errors import Forbidden, NotFound


class AudienceNotAllowed(Forbidden):
    code = "audience_not_allowed"
    detail = "This kind of app may not use this."


class InsufficientScope(Forbidden):
    code = "insufficient_scope"
    detail = "Your account may not do this."


class RoleNotHeld(Forbidden):
    code = "role_not_held"
    detail = "X-Gigvora-Roles names a role that you do not hold."


class UnknownRole(NotFound):
    code = "unknown_role"
    detail = "There is no such role."


class UnknownUser(NotFound):
    code = "unknown_user"
    detail = "There is no such user."
