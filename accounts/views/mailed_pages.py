"""The pages behind links in mails about addresses and recoveries. Opening one changes nothing; its button does."""

from django.http import HttpRequest
from django.utils.formats import date_format

from accounts.services import email_change, recovery
from accounts.views.changing import EMAIL_CHANGED, EMAIL_REVERTED, RECOVERY_CANCELLED
from accounts.views.pages import LinkPage

RECOVERED = "Your account has no second factor any more, and everybody is signed out. Sign in, and set up a new one."


class ConfirmNewEmailPage(LinkPage):
    template = "accounts/confirm_new_email.html"
    done = EMAIL_CHANGED

    def take_effect(self, request: HttpRequest, token: str) -> None:
        email_change.confirm(token=token)


class RevertEmailPage(LinkPage):
    template = "accounts/revert_email.html"
    done = EMAIL_REVERTED

    def take_effect(self, request: HttpRequest, token: str) -> None:
        email_change.revert(token=token)


class RecoveryPage(LinkPage):
    template = "accounts/recover_account.html"
    done = RECOVERED

    def take_effect(self, request: HttpRequest, token: str) -> str | None:
        ready_at = recovery.go_on(token=token)
        return f"Come back with the same link after {date_format(ready_at, 'j F Y, H:i')} UTC." if ready_at else None


class CancelRecoveryPage(LinkPage):
    template = "accounts/cancel_recovery.html"
    done = RECOVERY_CANCELLED

    def take_effect(self, request: HttpRequest, token: str) -> None:
        recovery.cancel_by_link(token=token)
