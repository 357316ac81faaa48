"""Whose change feed tells of mentoring: that of both sides of a session, and the mentor's own of their hours.

Availability stands on the versions of these collections, too.
"""

from core.contributions.feed import tracked
from mentors.models import AvailabilityException, AvailabilityRule, Mentor, MentorSession

MENTORS, SETTINGS = "mentors", "mentor_settings"
SESSIONS, BOOKINGS = "mentor_sessions", "mentor_bookings"
RULES, EXCEPTIONS = "mentor_rules", "mentor_exceptions"

tracked(Mentor, MENTORS)
tracked(Mentor, SETTINGS, u="user")
tracked(MentorSession, SESSIONS, u="mentee")
tracked(MentorSession, BOOKINGS, u="mentor")
tracked(AvailabilityRule, RULES, u="mentor")
tracked(AvailabilityException, EXCEPTIONS, u="mentor")
