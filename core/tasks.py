"""Jobs of the kernel."""

from datetime import timedelta
from typing import Any

from core import mail
from core.http import idempotency
from core.jobs import job


@job(name="core.deliver_mail")
def deliver_mail(template: str, to: str, context: dict[str, Any]) -> None:
    mail.deliver(template, to=to, context=context)


@job(name="core.purge_idempotency_records", every=timedelta(hours=1))
def purge_idempotency_records() -> None:
    idempotency.purge()
