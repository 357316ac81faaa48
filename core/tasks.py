"""Jobs of the kernel."""

from typing import Any

from core import mail
from core.jobs import job


@job(name="core.deliver_mail")
def deliver_mail(template: str, to: str, context: dict[str, Any]) -> None:
    mail.deliver(template, to=to, context=context)
