"""Taking reports of apps that were shown a certificate they had not pinned."""

import logging
from collections.abc import Sequence

from cryptography import x509
from django.conf import settings
from prometheus_client import Counter

from core import context
from linking.pins import pin_of
from linking.types import PinVerdict

logger = logging.getLogger(__name__)

PIN_FAILURES = Counter(
    "gigvora_pin_failures", "Connections that an app refused, or would have, over a pin.", ("platform", "verdict")
)


def report_pin_failure(
    *, hostname: str, platform: str, app_version: str, is_enforced: bool, chain: Sequence[x509.Certificate]
) -> PinVerdict:
    """Log and count one report. `chain` is what the app was shown, its own certificate first.

    Anybody can send one, so a report proves nothing; many of them at once are a certificate that was changed before
    its pin was published, or somebody in between.
    """
    shown = [pin_of(certificate) for certificate in chain]
    verdict = PinVerdict.STALE if set(shown) & set(settings.CERTIFICATE_PINS) else PinVerdict.FOREIGN
    PIN_FAILURES.labels(platform, verdict).inc()
    logger.warning(
        "pins.failed verdict=%s host=%s platform=%s version=%s enforced=%s client=%s shown=%s",
        verdict, ascii(hostname), platform, ascii(app_version), is_enforced, context.current().client_ip, shown,
    )  # fmt: skip
    return verdict
