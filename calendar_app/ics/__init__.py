"""iCalendar (RFC 5545): events as files that other programs read, and files of other programs as events.

Pure: no queries, no writes. What is done with what a file holds is `services/importing.py`.
"""

from calendar_app.ics.found import Found
from calendar_app.ics.reading import MAX_BYTES, read
from calendar_app.ics.writing import write

__all__ = ["MAX_BYTES", "Found", "read", "write"]
