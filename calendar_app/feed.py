"""Whose change feed tells of events: the owner's, and that of the workspace they are shown to."""

from calendar_app.models import Event
from core.contributions.feed import tracked

tracked(Event, "events", u="owner", w="shared_in")
