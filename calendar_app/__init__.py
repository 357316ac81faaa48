"""Calendars: events, series and their occurrences, days, reminders, and iCalendar files in and out.

Read in this order: `types`, `models`, `recurrence`, `occurrences`, `selectors`, `services/`, `views/`.
Times are stored in UTC, beside the time zone that a series follows on the wall. A series is one row; an occurrence
is worked out when it is looked at, and gets a row of its own once it is changed.
"""
