"""How accounts reacts to what happened: by mail. Whatever becomes of a process or a mail server, the outbox insists."""

from typing import Any
from uuid import UUID

from accounts.events import (
    BiometricKeyEnrolled,
    BiometricKeyLocked,
    EmailChanged,
    EmailChangeRequested,
    EmailReverted,
    FreelancerRegistered,
    IdentityLinked,
    IdentityUnlinked,
    LinkRequested,
    NewDeviceUsed,
    PasskeyAdded,
    PasskeyCloned,
    PasskeyRemoved,
    PasswordChanged,
    PasswordlessRequested,
    PasswordReset,
    RecoveryCodeUsed,
    RecoveryFinished,
    RecoveryRequested,
    RecoveryStarted,
    SecondFactorChanged,
    SecondFactorFailed,
    SessionEnded,
)
from accounts.selectors import find_device, find_user, second_factor_of
from accounts.services import email_change, links, passwordless, recovery
from accounts.services.claiming import greeted_as
from accounts.services.social import identities
from accounts.types import EndReason, Platform, Purpose
from core import mail
from core.contributions.events import Published, subscriber

_KINDS = {Platform.ANDROID: "an Android device", Platform.IOS: "an iPhone or iPad", Platform.WEB: "a web browser"}


@subscriber(FreelancerRegistered.name, name="accounts.mail_verification", is_slow=True)
def mail_verification(event: Published) -> None:
    links.mail_link(purpose=Purpose.VERIFY_EMAIL, user_id=event.aggregate_id)


@subscriber(LinkRequested.name, name="accounts.mail_link", is_slow=True)
def mail_link(event: Published) -> None:
    links.mail_link(purpose=Purpose(event.payload["purpose"]), user_id=event.aggregate_id)


@subscriber(PasswordlessRequested.name, name="accounts.mail_sign_in", is_slow=True)
def mail_sign_in(event: Published) -> None:
    passwordless.mail_secret(flow_id=UUID(event.payload["flow_id"]))


@subscriber(EmailChangeRequested.name, name="accounts.mail_new_address", is_slow=True)
def mail_new_address(event: Published) -> None:
    email_change.mail_confirmation(change_id=UUID(event.payload["change_id"]))


@subscriber(EmailChanged.name, name="accounts.mail_way_back", is_slow=True)
def mail_way_back(event: Published) -> None:
    email_change.mail_way_back(change_id=UUID(event.payload["change_id"]))


@subscriber(EmailReverted.name, name="accounts.tell_of_reverted_email", is_slow=True)
def tell_of_reverted_email(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/email_reverted")


@subscriber(RecoveryRequested.name, name="accounts.mail_recovery", is_slow=True)
def mail_recovery(event: Published) -> None:
    recovery.mail_link(user_id=event.aggregate_id)


@subscriber(RecoveryStarted.name, name="accounts.warn_of_recovery", is_slow=True)
def warn_of_recovery(event: Published) -> None:
    recovery.warn(user_id=event.aggregate_id)


@subscriber(RecoveryFinished.name, name="accounts.tell_of_recovery", is_slow=True)
def tell_of_recovery(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/recovery_finished")


@subscriber(PasswordChanged.name, name="accounts.tell_of_password", is_slow=True)
def tell_of_password(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/password_changed", is_signed_in=True)


@subscriber(PasswordReset.name, name="accounts.tell_of_reset", is_slow=True)
def tell_of_reset(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/password_changed")


@subscriber(SessionEnded.name, name="accounts.warn_of_reuse", is_slow=True)
def warn_of_reuse(event: Published) -> None:
    """Tell somebody that a session of theirs was ended because its token came back a second time."""
    if event.payload["reason"] == EndReason.REUSE:
        _tell(UUID(event.payload["user_id"]), "accounts/mail/session_reused")


@subscriber(IdentityLinked.name, name="accounts.tell_of_link", is_slow=True)
def tell_of_link(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/identity_linked", provider=event.payload["provider"].title())


@subscriber(IdentityUnlinked.name, name="accounts.revoke_at_provider", is_slow=True)
def revoke_at_provider(event: Published) -> None:
    identities.finish_unlinking(identity_id=UUID(event.payload["identity_id"]))


@subscriber(NewDeviceUsed.name, name="accounts.tell_of_new_device", is_slow=True)
def tell_of_new_device(event: Published) -> None:
    device = find_device(event.aggregate_id)
    if device is not None:  # nothing that the client said of itself: a thief would write to the owner by it
        _tell(
            device.user_id, "accounts/mail/new_device", kind=_KINDS[Platform(device.platform)], when=event.occurred_at
        )


@subscriber(SecondFactorChanged.name, name="accounts.tell_of_second_factor", is_slow=True)
def tell_of_second_factor(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/second_factor_changed", change=event.payload["change"])


@subscriber(SecondFactorFailed.name, name="accounts.warn_of_failed_factor", is_slow=True)
def warn_of_failed_factor(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/second_factor_failed")


@subscriber(RecoveryCodeUsed.name, name="accounts.tell_of_recovery_code", is_slow=True)
def tell_of_recovery_code(event: Published) -> None:
    left = second_factor_of(event.aggregate_id).recovery_codes_left
    _tell(event.aggregate_id, "accounts/mail/recovery_code_used", left=left)


@subscriber(PasskeyAdded.name, name="accounts.tell_of_added_passkey", is_slow=True)
def tell_of_added_passkey(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/passkeys_changed", is_added=True)


@subscriber(PasskeyRemoved.name, name="accounts.tell_of_removed_passkey", is_slow=True)
def tell_of_removed_passkey(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/passkeys_changed", is_added=False)


@subscriber(PasskeyCloned.name, name="accounts.warn_of_cloned_passkey", is_slow=True)
def warn_of_cloned_passkey(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/passkey_cloned")


@subscriber(BiometricKeyEnrolled.name, name="accounts.tell_of_biometric_key", is_slow=True)
def tell_of_biometric_key(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/biometric_enrolled")


@subscriber(BiometricKeyLocked.name, name="accounts.warn_of_locked_key", is_slow=True)
def warn_of_locked_key(event: Published) -> None:
    _tell(event.aggregate_id, "accounts/mail/biometric_locked")


def _tell(user_id: UUID, template: str, **context: Any) -> None:
    user = find_user(user_id)
    if user is not None:
        mail.deliver(template, to=user.email, context={"name": greeted_as(user), **context})
