"""What can be wrong with a wish about app linking."""

from core.errors import NotFound


class NotPinned(NotFound):
    code = "feature_disabled"
    detail = "This server publishes no pins."
