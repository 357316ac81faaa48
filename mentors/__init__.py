"""Mentors: who they are, when they have time, and the sessions that people book with them.

Read in this order: `types`, `models`, `openings`, `availability`, `selectors`, `services/`, `views/`.
Hours follow the clock on the mentor's wall; sessions are moments. Who books first
has the slot: the database holds that.
"""
