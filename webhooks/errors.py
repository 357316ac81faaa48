"""What can be wrong with an endpoint."""

from core.errors import Conflict


class EndpointDisabled(Conflict):
    code = "endpoint_disabled"
    detail = "This endpoint is disabled. Enable it first."


class EndpointActive(Conflict):
    code = "endpoint_active"
    detail = "Events are sent to this endpoint. Disable it first."


class EndpointWithdrawn(Conflict):
    code = "endpoint_withdrawn"
    detail = "We have disabled this endpoint. Ask our support to enable it."


class TooManyEndpoints(Conflict):
    code = "too_many_endpoints"
    detail = "This workspace has as many endpoints as it may have."


class NoWorkspace(Conflict):
    code = "no_workspace"
    detail = "Endpoints belong to workspaces, and you have none."
