"""What happens to people and their sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from core.contributions.events import DomainEvent, Publicity

ABOUT_A_PERSON = Publicity(person="aggregate_id")


@dataclass(frozen=True, kw_only=True)
class FreelancerEvent(DomainEvent):
    """Base of the freelancer lifecycle; `aggregate_id` is the user."""

    aggregate: ClassVar[str] = "freelancer"


@dataclass(frozen=True, kw_only=True)
class FreelancerRegistered(FreelancerEvent):
    name: ClassVar[str] = "freelancer.registered"
    public = Publicity(("locale", "timezone"), person="aggregate_id")

    locale: str
    timezone: str


@dataclass(frozen=True, kw_only=True)
class FreelancerVerified(FreelancerEvent):
    """The e-mail address was confirmed by its owner."""

    name: ClassVar[str] = "freelancer.verified"
    public = ABOUT_A_PERSON


@dataclass(frozen=True, kw_only=True)
class FreelancerProfileUpdated(FreelancerEvent):
    name: ClassVar[str] = "freelancer.profile_updated"
    public = Publicity(("changed",), person="aggregate_id")

    changed: str  # field names, space separated


@dataclass(frozen=True, kw_only=True)
class FreelancerSuspended(FreelancerEvent):
    name: ClassVar[str] = "freelancer.suspended"
    public = ABOUT_A_PERSON

    reason: str


@dataclass(frozen=True, kw_only=True)
class FreelancerReinstated(FreelancerEvent):
    name: ClassVar[str] = "freelancer.reinstated"
    public = ABOUT_A_PERSON


@dataclass(frozen=True, kw_only=True)
class AccountClosed(DomainEvent):
    """For good; what is left of it is about to be erased. `aggregate_id` is the user."""

    aggregate: ClassVar[str] = "account"
    name: ClassVar[str] = "account.closed"


@dataclass(frozen=True, kw_only=True)
class SessionEnded(DomainEvent):
    """A session ended before its time. Open sockets of it close, and after a reuse its user is told."""

    name: ClassVar[str] = "account.session.ended"
    aggregate: ClassVar[str] = "session"

    user_id: UUID
    device_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class PasswordReset(FreelancerEvent):
    """Somebody chose a new password through a mailed link; all their sessions have ended."""

    name: ClassVar[str] = "freelancer.password_reset"


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(FreelancerEvent):
    """Somebody who was signed in chose a password; their other sessions have ended, and they are told by mail."""

    name: ClassVar[str] = "freelancer.password_changed"


@dataclass(frozen=True, kw_only=True)
class PasswordlessRequested(DomainEvent):
    """Somebody wants to sign in by mail. Told of every address; that of nobody has a random `aggregate_id`."""

    name: ClassVar[str] = "account.passwordless.requested"
    aggregate: ClassVar[str] = "account"

    flow_id: UUID


@dataclass(frozen=True, kw_only=True)
class EmailChangeRequested(DomainEvent):
    """Somebody wants another address; a link is mailed to it."""

    name: ClassVar[str] = "account.email_change.requested"
    aggregate: ClassVar[str] = "account"

    change_id: UUID


@dataclass(frozen=True, kw_only=True)
class EmailChanged(DomainEvent):
    """An account has another address, confirmed; the former one is told, and can take it back."""

    name: ClassVar[str] = "account.email.changed"
    aggregate: ClassVar[str] = "account"

    change_id: UUID


@dataclass(frozen=True, kw_only=True)
class EmailReverted(DomainEvent):
    """An account has its former address back, at the word of whoever reads its mail; all sessions have ended."""

    name: ClassVar[str] = "account.email.reverted"
    aggregate: ClassVar[str] = "account"


@dataclass(frozen=True, kw_only=True)
class RecoveryRequested(DomainEvent):
    """Somebody lost a second factor, or says so. Told of every address; that of nobody has a random `aggregate_id`."""

    name: ClassVar[str] = "account.recovery.requested"
    aggregate: ClassVar[str] = "account"


@dataclass(frozen=True, kw_only=True)
class RecoveryStarted(DomainEvent):
    """After `ready_at` the second factor can be taken away, unless the owner objects; they are told by mail."""

    name: ClassVar[str] = "account.recovery.started"
    aggregate: ClassVar[str] = "account"

    ready_at: datetime


@dataclass(frozen=True, kw_only=True)
class RecoveryFinished(DomainEvent):
    """The second factor was taken away after the wait; all sessions have ended."""

    name: ClassVar[str] = "account.recovery.finished"
    aggregate: ClassVar[str] = "account"


@dataclass(frozen=True, kw_only=True)
class LinkRequested(DomainEvent):
    """Somebody asked for a link by mail. Told of every address; that of nobody has a random `aggregate_id`."""

    name: ClassVar[str] = "account.link.requested"
    aggregate: ClassVar[str] = "account"

    purpose: str


@dataclass(frozen=True, kw_only=True)
class IdentityLinked(DomainEvent):
    """Somebody who had an account before may now also sign in with a provider; they are told by mail."""

    name: ClassVar[str] = "account.identity.linked"
    aggregate: ClassVar[str] = "account"

    provider: str


@dataclass(frozen=True, kw_only=True)
class IdentityUnlinked(DomainEvent):
    """A provider does not sign somebody in any more; where we hold a token of it, the provider is told."""

    name: ClassVar[str] = "account.identity.unlinked"
    aggregate: ClassVar[str] = "account"

    provider: str
    identity_id: UUID


@dataclass(frozen=True, kw_only=True)
class DeletionRequested(DomainEvent):
    """Somebody asked, through a provider, that what we know of them be deleted; `origin` is the provider."""

    name: ClassVar[str] = "account.deletion.requested"
    aggregate: ClassVar[str] = "account"

    origin: str


@dataclass(frozen=True, kw_only=True)
class DeviceEvent(DomainEvent):
    """Base of what happens to a device; `aggregate_id` is the device."""

    aggregate: ClassVar[str] = "device"

    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class NewDeviceUsed(DeviceEvent):
    """Somebody who has signed in before did so on a device that was not known; they are told by mail."""

    name: ClassVar[str] = "account.device.new"


@dataclass(frozen=True, kw_only=True)
class DeviceAssuranceChanged(DeviceEvent):
    """A device is trusted more or less than before: none, basic, device or strong."""

    name: ClassVar[str] = "account.device.assurance_changed"

    before: str
    after: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DeviceIntegrityDoubted(DeviceEvent):
    """An app found its device jailbroken, rooted or otherwise not its own master."""

    name: ClassVar[str] = "account.device.integrity_doubted"

    signals: str  # names, space separated


@dataclass(frozen=True, kw_only=True)
class SecondFactorChanged(DomainEvent):
    """`change` is `added`, `removed` or `recovery_codes_renewed`; the owner is told by mail."""

    name: ClassVar[str] = "account.second_factor.changed"
    aggregate: ClassVar[str] = "account"

    change: str


@dataclass(frozen=True, kw_only=True)
class SecondFactorFailed(DomainEvent):
    """Somebody who gave the right first factor had no right code; the owner is warned by mail."""

    name: ClassVar[str] = "account.second_factor.failed"
    aggregate: ClassVar[str] = "account"


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(DomainEvent):
    """A recovery code stood in for the second factor; the owner is told by mail how many are left."""

    name: ClassVar[str] = "account.recovery_code.used"
    aggregate: ClassVar[str] = "account"


@dataclass(frozen=True, kw_only=True)
class PasskeyEvent(DomainEvent):
    """Base of what happens to passkeys; `aggregate_id` is the user, who is told by mail."""

    aggregate: ClassVar[str] = "account"

    passkey_id: UUID


@dataclass(frozen=True, kw_only=True)
class PasskeyAdded(PasskeyEvent):
    name: ClassVar[str] = "account.passkey.added"


@dataclass(frozen=True, kw_only=True)
class PasskeyRemoved(PasskeyEvent):
    name: ClassVar[str] = "account.passkey.removed"


@dataclass(frozen=True, kw_only=True)
class PasskeyCloned(PasskeyEvent):
    """A passkey was used whose count had not grown, as if there were two of it. It was refused."""

    name: ClassVar[str] = "account.passkey.cloned"


@dataclass(frozen=True, kw_only=True)
class BiometricKeyEvent(DomainEvent):
    """Base of what happens to a device's key; `aggregate_id` is the user, who is told by mail."""

    aggregate: ClassVar[str] = "account"

    device_id: UUID


@dataclass(frozen=True, kw_only=True)
class BiometricKeyEnrolled(BiometricKeyEvent):
    name: ClassVar[str] = "account.biometric.enrolled"


@dataclass(frozen=True, kw_only=True)
class BiometricKeyLocked(BiometricKeyEvent):
    """Too many wrong signatures in a row; enrolling again is the way out."""

    name: ClassVar[str] = "account.biometric.locked"
