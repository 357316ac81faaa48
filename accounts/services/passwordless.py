"""Signing in by mail: a code, or a link, that works in the app that asked for it and nowhere else.

Asking does the same for every address, known or not: a flow begins, the wish is published, and a subscriber mails
what is due. So does answering: a flow that leads nowhere refuses like any other. Reading mail is a weak proof; it
counts for no step-up, and an account with a second factor asks for that too (NIST SP 800-63B, section 3.1.3.1).
"""

import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from access.services import record
from accounts import attempts
from accounts.addresses import counted_as
from accounts.digests import new_link_token, proof_digest
from accounts.errors import ChallengeInvalid, CodeInvalid
from accounts.events import PasswordlessRequested
from accounts.models import Challenge, DeviceSession, User
from accounts.selectors import find_by_email
from accounts.services import challenges, claiming, links, sessions
from accounts.types import ChallengePurpose, DeviceClaim, MailedSecret, Method
from core import mail
from core.db.changes import lock, save_changes
from core.db.ids import uuid7
from events.services import publish

LIFETIME = timedelta(minutes=10)  # OWASP ASVS 6.5.5
TRIES = 5
SENDS = ((3, timedelta(minutes=15)), (10, timedelta(days=1)))  # for each address; with `TRIES`, 50 guesses a day
DIGITS = 6
LANDING = "/l/sign-in/"
_TEMPLATES = {
    MailedSecret.CODE: "accounts/mail/sign_in_code",
    MailedSecret.LINK: "accounts/mail/sign_in_link",
}


def start(*, email: str, method: MailedSecret) -> challenges.Issued:
    """Begin a flow. Whoever holds its token may answer with what arrives by mail, if anything does.

    Raises:
        TooManyAttempts: so much was mailed to this address, or would have been.
    """
    attempts.ration(f"passwordless {counted_as(email)}", SENDS)
    user = find_by_email(email)
    with transaction.atomic():
        flow = challenges.issue(
            purpose=ChallengePurpose.PASSWORDLESS,
            user_id=user.id if user else None,
            data={"method": method},
            tries=TRIES,
            lifetime=LIFETIME,
        )
        publish(PasswordlessRequested(aggregate_id=user.id if user else uuid7(), flow_id=flow.id))
    return flow


def mail_secret(*, flow_id: UUID) -> None:
    """Mail the code or link of a flow that belongs to somebody. It voids what was mailed before."""
    flows = Challenge.objects.filter(id=flow_id)
    user_id = flows.values_list("user_id", flat=True).first()
    if user_id is None:
        return
    with transaction.atomic():
        user, flow = links.lock_addressee(user_id), flows.first()  # in this order: starting over voids flows
        if user is None or flow is None:
            return
        method = MailedSecret(flow.data["method"])
        secret = _new_code() if method is MailedSecret.CODE else new_link_token()
        Challenge.objects.filter(purpose=ChallengePurpose.PASSWORDLESS, user=user).exclude(id=flow.id).delete()
        save_changes(flow, data={"method": method, "email": user.email, "digest": _digest(flow, secret)})
    link = f"{settings.PUBLIC_BASE_URL}{LANDING}{secret}" if method is MailedSecret.LINK else ""
    context = {"name": claiming.greeted_as(user), "code": secret, "link": link}
    mail.deliver(_TEMPLATES[method], to=user.email, context=context)


def finish(*, flow: str, code: str, device: DeviceClaim) -> DeviceSession:
    """Begin a session for whoever asked and has read the mail, which proves the address as well.

    Raises:
        CodeInvalid: for whatever reason, so that nothing is learnt about the address.
        SecondFactorRequired: the account asks for more.
    """
    try:
        asked = challenges.attempt(purpose=ChallengePurpose.PASSWORDLESS, token=flow)
    except ChallengeInvalid as error:
        raise CodeInvalid from error
    if not hmac.compare_digest(asked.data.get("digest", ""), _digest(asked, code)) or asked.user is None:
        record(
            action="login.failure", outcome="failure", reason="code", target_type="user", target_id=asked.user_id or ""
        )
        raise CodeInvalid
    user = _answered(asked, asked.user.id)
    return sessions.start(user=user, claim=device, methods=(Method.EMAIL,))


def _answered(asked: Challenge, user_id: UUID) -> User:
    """Close the flow before a session begins: what asks for a second factor must not reopen it."""
    with transaction.atomic():
        user = lock(User.objects.all(), id=user_id)
        challenges.spend(asked)
        if user.email != asked.data["email"]:
            raise CodeInvalid
        claiming.claim_address(user)
        return user


def _new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def _digest(flow: Challenge, secret: str) -> str:
    return proof_digest(f"{flow.id} {secret}")
