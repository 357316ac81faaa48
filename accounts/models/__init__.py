"""Identity: people, their workspaces, devices and sessions. Not here: what they may do (`access/`)."""

from accounts.models.attestation import AttestationKey, IntegritySignal
from accounts.models.biometric import BiometricKey
from accounts.models.changes import AccountRecovery, EmailChange
from accounts.models.devices import Device
from accounts.models.factors import RecoveryCode, TotpFactor
from accounts.models.passkeys import Passkey
from accounts.models.people import Membership, User, Workspace
from accounts.models.proofs import Challenge, MailedToken
from accounts.models.sessions import DeviceSession
from accounts.models.social import ProviderNotice, SocialIdentity

__all__ = (
    "AccountRecovery",
    "AttestationKey",
    "BiometricKey",
    "Challenge",
    "Device",
    "DeviceSession",
    "EmailChange",
    "IntegritySignal",
    "MailedToken",
    "Membership",
    "Passkey",
    "ProviderNotice",
    "RecoveryCode",
    "SocialIdentity",
    "TotpFactor",
    "User",
    "Workspace",
)
