"""Mentoring over HTTP."""
