"""DeviceCheck, for apps without App Attest: Apple says whether a token comes from a real device that runs our app.

Apple's answer is bound to no challenge, so nothing above the legacy level comes of it.
"""

import time
from uuid import uuid4

import jwt
from django.conf import settings

from accounts.attestation.evidence import EvidenceInvalid, ProviderUnavailable
from accounts.attestation.play_integrity import Verdict
from core.http.access import Assurance
from core.outbound import Unreachable, call_provider


def judge(device_token: str) -> Verdict:
    """What Apple says of a device token (base64).

    Raises:
        EvidenceInvalid: Apple does not know the token.
        ProviderUnavailable: Apple did not answer, or not to us.
    """
    if not settings.DEVICECHECK_KEY:
        raise ProviderUnavailable("not_configured")
    document = {
        "device_token": device_token,
        "transaction_id": str(uuid4()),
        "timestamp": time.time_ns() // 1_000_000,
    }
    try:
        answer = call_provider(
            "POST",
            f"{settings.DEVICECHECK_URL}/v1/validate_device_token",
            peer="devicecheck",
            json=document,
            headers={"Authorization": f"Bearer {_credential()}"},
        )
    except Unreachable as error:
        raise ProviderUnavailable("no_answer") from error
    if answer.is_success:
        return Verdict(Assurance.BASIC, "legacy", is_legacy=True)
    if answer.status == 400:
        raise EvidenceInvalid("malformed")
    raise ProviderUnavailable(f"answered_{answer.status}")


def _credential() -> str:
    claims = {"iss": settings.APPLE_TEAM_ID, "iat": int(time.time())}
    headers = {"kid": settings.DEVICECHECK_KEY_ID}
    return jwt.encode(claims, settings.DEVICECHECK_KEY, algorithm="ES256", headers=headers)
