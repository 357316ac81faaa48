"""Background work of access."""

import logging
from datetime import timedelta

from access import chain, services
from core.jobs import job

logger = logging.getLogger(__name__)


@job(name="access.seal_audit", every=timedelta(minutes=1))
def seal_audit() -> None:
    """Seal what is new in the audit trail and log the head, the anchor against a truncated or rewritten chain."""
    if chain.seal():
        logger.info("audit.sealed head=%s", chain.head())


@job(name="access.expire_requests", every=timedelta(minutes=15))
def expire_requests() -> None:
    """Close requests for staff powers that nobody decided in time."""
    services.expire_requests()
