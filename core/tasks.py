"""Jobs of the kernel."""

from datetime import timedelta

from core.http import idempotency
from core.jobs import job


@job(name="core.purge_idempotency_records", every=timedelta(hours=1))
def purge_idempotency_records() -> None:
    idempotency.purge()
