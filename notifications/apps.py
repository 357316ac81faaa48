from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from core.observability.collectors import register_figure
        from notifications import selectors

        register_figure("notifications_overdue", "Mails that should have gone minutes ago.", selectors.overdue)
