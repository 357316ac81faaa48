"""What can be wrong with an endpoint."""

from core.errors import Conflict


class EndpointDisabled(Conflict):
    code = "endpoint_disabled"
    detail = "This endpoint is disabled. Enable it first."


class TooManyEndpoints(Conflict):
    code = "too_many_endpoints"
    detail = "This workspace has as many endpoints as it may have."


class NoWorkspace(Conflict):
    code = "no_workspace"
    detail = "Endpoints belong to workspaces, and you have none."
