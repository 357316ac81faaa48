"""Refusals by access. Each carries the `decision_id` under which `manage.py explain` tells why."""

from core.errors import Conflict, Forbidden, NotFound, Unauthenticated


class AudienceNotAllowed(Forbidden):
    code = "audience_not_allowed"
    detail = "This kind of app may not use this."


class InsufficientScope(Forbidden):
    code = "insufficient_scope"
    detail = "Your account may not do this."


class AssuranceRequired(Forbidden):
    code = "assurance_required"
    detail = "This asks for a device whose app and keys have been attested."


class StepUpRequired(Forbidden):
    """`max_age` tells for how many seconds a proof counts."""

    code = "step_up_required"
    detail = "Confirm that it is you, then try again."


class RoleNotHeld(Forbidden):
    code = "role_not_held"
    detail = "X-Gigvora-Roles names a role that you do not hold."


class UnknownRole(NotFound):
    code = "unknown_role"
    detail = "There is no such role."


class UnknownUser(NotFound):
    code = "unknown_user"
    detail = "There is no such user."


class OwnRoles(Forbidden):
    code = "own_roles"
    detail = "Nobody gives roles to themselves."


class RoleOutOfReach(Forbidden):
    code = "role_out_of_reach"
    detail = "You cannot give or take what you do not hold."


class FourEyesRequired(Forbidden):
    code = "four_eyes_required"
    detail = "Another admin must decide this: you asked for it, or would get it."


class RequestWaiting(Conflict):
    code = "request_waiting"
    detail = "The same is already asked for and waits for another admin."


class RequestClosed(Conflict):
    code = "request_closed"
    detail = "This request was decided, or has expired."


class MembersAdded(Conflict):
    code = "members_added"
    detail = "Somebody was given this role after its scopes were asked for. Reject this, and let it be asked anew."


class UserInactive(Conflict):
    code = "user_inactive"
    detail = "This account is suspended or closed, so it cannot be given anything."


class LastAdmin(Conflict):
    code = "last_admin"
    detail = "Somebody must stay who can give roles. Appoint another admin first."


class EnoughAdmins(Conflict):
    code = "enough_admins"
    detail = "Two admins can do this in the staff site."


class GatewayRequired(Unauthenticated):
    code = "gateway_required"
    detail = "This must come through the gateway."
