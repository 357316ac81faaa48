"""Puts the platform's own staff site in the place of Django's default admin site."""

from django.contrib.admin.apps import AdminConfig


class StaffConfig(AdminConfig):
    default_site = "access.staff.StaffSite"
