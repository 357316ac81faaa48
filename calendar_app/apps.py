from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "calendar_app"
