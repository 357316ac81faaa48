"""What can be wrong with flags."""

from core.errors import Invalid, NotFound


class FeatureDisabled(NotFound):
    code = "feature_disabled"
    detail = "This feature is not available at the moment."


class UnknownFlag(NotFound):
    code = "unknown_flag"
    detail = "There is no such flag."


class InvalidSetting(Invalid):
    code = "invalid_setting"
    detail = "A flag cannot be set like this."
