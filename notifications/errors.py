"""What can be wrong with what somebody asks of their inbox."""

from core.errors import Conflict


class NoDevice(Conflict):
    code = "no_device"
    detail = "This session belongs to no device that could be pushed to."
