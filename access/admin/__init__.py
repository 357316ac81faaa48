"""Staff screens: roles and who holds them, requests for staff powers, the audit trail."""

from access.admin import decisions, requests, roles, trail

__all__ = ("decisions", "requests", "roles", "trail")
