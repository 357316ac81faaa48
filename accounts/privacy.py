"""The personal data of accounts. Order counts: what finds its owner through another row comes before that row.

An erased person's row stays as a stub that names nobody, so that what others share with them keeps its references.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.models import (
    AccountRecovery,
    AttestationKey,
    BiometricKey,
    Challenge,
    Device,
    DeviceSession,
    EmailChange,
    IntegritySignal,
    MailedToken,
    Membership,
    Passkey,
    ProviderNotice,
    RecoveryCode,
    SocialIdentity,
    TotpFactor,
    User,
    Workspace,
)
from accounts.selectors import homes_of
from accounts.services.social import identities
from core.contributions.privacy import (
    Ageing,
    Anonymise,
    Basis,
    Category,
    Delete,
    Revoked,
    coarse_address,
    data,
    impersonal,
    personal,
    revocation,
)

ERASED_DOMAIN = "erased.invalid"  # RFC 2606: mail to it goes nowhere
WHILE_OPEN = "as long as the account exists"
FLAGS = "LaunchDarkly, where it is set up to decide about features: ids, roles, platform and version of the app"
SECRETS = "Secrets of signing in, or digests of them."


personal(
    MailedToken,
    "mailed_links",
    of="user",
    purpose="Confirm an address, or let a forgotten password be replaced.",
    basis=Basis.CONTRACT,
    retention="until used, 3 days at most",
    erase=Delete(),
    withheld={"digest": SECRETS},
    data=[
        data(Category.IDENTITY, "user"),
        data(Category.CREDENTIAL, "digest purpose expires_at"),
        data(Category.CONTACT, "email"),
    ],
)
personal(
    Challenge,
    "challenges",
    of="user",
    purpose="Let the person prove who they are, or that an address or a device is theirs.",
    basis=Basis.CONTRACT,
    retention="until answered, or minutes after it was set",
    erase=Delete(),
    not_exported="Secrets of proofs in progress, gone within minutes.",
    data=[
        data(Category.IDENTITY, "user device"),
        data(Category.CREDENTIAL, "purpose digest data tries_left expires_at"),
    ],
)
personal(
    SocialIdentity,
    "identities",
    of="user",
    purpose="Let the person sign in with an account at Apple, Google or Facebook.",
    basis=Basis.CONTRACT,
    retention="until it is removed, or the account at the provider is closed",
    shared_with=("the provider, which learns that the person uses Gigvora",),
    erase=Delete(),
    withheld={"refresh_token": SECRETS},
    data=[
        data(Category.IDENTITY, "user provider subject client_id"),
        data(Category.CONTACT, "email is_email_verified mail_stopped_at"),
        data(Category.CREDENTIAL, "refresh_token"),
        data(Category.ACTIVITY, "last_used_at revoked_at"),
    ],
)
personal(
    TotpFactor,
    "authenticator",
    of="user",
    purpose="Ask for a code of the person's authenticator app when they sign in.",
    basis=Basis.CONTRACT,
    retention="until it is removed",
    erase=Delete(),
    withheld={"seed": SECRETS},
    data=[data(Category.IDENTITY, "user"), data(Category.CREDENTIAL, "seed last_step")],
)
personal(
    RecoveryCode,
    "recovery_codes",
    of="user",
    purpose="Let the person in who has lost their second factor.",
    basis=Basis.CONTRACT,
    retention="until used or replaced",
    erase=Delete(),
    withheld={"digest": SECRETS},
    data=[data(Category.IDENTITY, "user"), data(Category.CREDENTIAL, "digest")],
)
personal(
    EmailChange,
    "address_changes",
    of="user",
    purpose="Change the person's address once both mailboxes have had their say.",
    basis=Basis.CONTRACT,
    retention="a day, or a week after it was confirmed",
    erase=Delete(),
    withheld={"digest": SECRETS},
    data=[
        data(Category.IDENTITY, "user session_id"),
        data(Category.CONTACT, "old_email new_email"),
        data(Category.CREDENTIAL, "digest is_revertible security_version"),
        data(Category.ACTIVITY, "confirmed_at expires_at"),
    ],
)
personal(
    AccountRecovery,
    "recoveries",
    of="user",
    purpose="Let the person in who has lost their second factor and its recovery codes.",
    basis=Basis.CONTRACT,
    retention="until finished or cancelled, 10 days at most",
    erase=Delete(),
    withheld={"digest": SECRETS, "cancel_digest": SECRETS},
    data=[
        data(Category.IDENTITY, "user"),
        data(Category.CREDENTIAL, "digest cancel_digest"),
        data(Category.ACTIVITY, "ready_at expires_at"),
    ],
)
impersonal(ProviderNotice, why="That a provider told something, not of whom.")


@revocation(
    "sign_in_with_apple",
    by_hand="On your iPhone: Settings, your name, Sign in with Apple, Gigvora, Delete. Elsewhere: account.apple.com.",
)
def take_back_permissions(user_id: UUID) -> Revoked:
    count = identities.revoke_at_provider(user_id=user_id)
    return Revoked("revoked", f"{count} permission(s) taken back") if count else Revoked("nothing")


personal(
    Passkey,
    "passkeys",
    of="user",
    purpose="Let the person sign in without a password.",
    basis=Basis.CONTRACT,
    retention="until the person removes it",
    erase=Delete(),
    data=[
        data(Category.IDENTITY, "user"),
        data(Category.CREDENTIAL, "credential_id public_key sign_count is_backup_eligible is_backed_up"),
        data(Category.DEVICE, "name aaguid transports"),
        data(Category.ACTIVITY, "last_used_at"),
    ],
)
personal(
    BiometricKey,
    "biometric_keys",
    of="user",
    purpose="Let the person sign in and confirm payments with a finger or a face; what those look like we never learn.",
    basis=Basis.CONTRACT,
    retention="until the device is removed",
    erase=Delete(),
    data=[
        data(Category.IDENTITY, "user device"),
        data(Category.CREDENTIAL, "public_key security_version failed_tries locked_at"),
        data(Category.ACTIVITY, "last_used_at"),
    ],
)
personal(
    DeviceSession,
    "sessions",
    of="user",
    purpose="Keep the person signed in, and notice when somebody else is.",
    basis=Basis.CONTRACT,
    retention="30 days after it ended; addresses lose their last part after 90 days",
    erase=Delete(),
    withheld={"key": SECRETS, "proof_key": SECRETS},
    ageing=(
        Ageing(
            "sessions.coarsen_addresses",
            after=timedelta(days=90),
            since="created_at",
            change=lambda session: {"ip_address": coarse_address(session.ip_address) or None},
        ),
    ),
    data=[
        data(Category.IDENTITY, "user device"),
        data(Category.CREDENTIAL, "key proof_key proved_at counter confirmed replays security_version"),
        data(Category.NETWORK, "ip_address user_agent"),
        data(Category.ACTIVITY, "audience amr auth_time rotated_at idle_expires_at expires_at"),
        data(Category.ACTIVITY, "revoked_at revoked_reason"),
    ],
)
personal(
    AttestationKey,
    "attestation_keys",
    of="device__user",
    purpose="Know that an app on the person's device is genuine.",
    basis=Basis.LEGITIMATE_INTEREST,
    retention="as long as the device is known",
    erase=Delete(),
    withheld={"receipt": "Apple's sealed word on the device, which only Apple reads."},
    data=[
        data(Category.IDENTITY, "device"),
        data(Category.CREDENTIAL, "key_id public_key counter is_development receipt"),
    ],
)
personal(
    IntegritySignal,
    "integrity_signals",
    of="device__user",
    purpose="Notice devices that are not under their owner's control alone.",
    basis=Basis.LEGITIMATE_INTEREST,
    retention="90 days",
    erase=Delete(),
    data=[
        data(Category.IDENTITY, "device"),
        data(Category.DEVICE, "jailbroken rooted hooking debugger emulator tampered"),
    ],
)
personal(
    Device,
    "devices",
    of="user",
    purpose="Know the person's devices again.",
    basis=Basis.CONTRACT,
    retention="90 days after its last session ended",
    erase=Delete(),
    withheld={"fingerprint": "A keyed digest, of no use without the key."},
    data=[
        data(Category.IDENTITY, "user"),
        data(Category.DEVICE, "platform name model os_version app_version fingerprint assurance assured_until"),
        data(Category.ACTIVITY, "last_seen_at revoked_at"),
    ],
)
personal(
    Workspace,
    "home_workspaces",
    of=lambda user_id: Q(id__in=homes_of(user_id)),
    purpose="Give the person a place of their own to work in.",
    basis=Basis.CONTRACT,
    retention=WHILE_OPEN,
    erase=Anonymise({"name": "Closed workspace"}, kept="What was booked in it keeps its reference."),
    data=[data(Category.IDENTITY, "name"), data(Category.PREFERENCE, "currency is_personal")],
)
personal(
    Membership,
    "memberships",
    of="user",
    purpose="Know who works where.",
    basis=Basis.CONTRACT,
    retention=WHILE_OPEN,
    shared_with=("members of the same workspace", FLAGS),
    erase=Delete(),
    last=True,  # it tells whose home a workspace is
    columns=("workspace__name",),
    data=[data(Category.IDENTITY, "user workspace role")],
)
personal(
    User.groups.through,
    "roles",
    of="user",
    purpose="Know what the person may do.",
    basis=Basis.CONTRACT,
    retention=WHILE_OPEN,
    shared_with=(FLAGS,),
    erase=Delete(),
    columns=("group__name",),
    data=[data(Category.IDENTITY, "user group")],
)
personal(
    User.user_permissions.through,
    "permissions",
    of="user",
    purpose="Know what the person may do.",
    basis=Basis.CONTRACT,
    retention=WHILE_OPEN,
    erase=Delete(),
    columns=("permission__codename",),
    data=[data(Category.IDENTITY, "user permission")],
)


def _raised(user: Any) -> int:
    """Ends every token that was issued before, whatever becomes of sessions."""
    version: int = user.security_version
    return version + 1


personal(
    User,
    "account",
    of="id",
    purpose="Let the person sign in, and let others know who they deal with.",
    basis=Basis.CONTRACT,
    retention=WHILE_OPEN,
    shared_with=("people the person works with", "the mail service, for what is mailed", FLAGS),
    erase=Anonymise(
        {
            "email": lambda user: f"{user.pk}@{ERASED_DOMAIN}",
            "full_name": "",
            "phone": "",
            "password": "!",
            "email_verified_at": None,
            "last_login": None,
            "second_factor_at": None,
            "payouts_held_until": None,
            "locale": "en",
            "timezone": "UTC",
            "security_version": _raised,
            "is_active": False,
            "is_staff": False,
            "is_superuser": False,
        },
        kept="An id that stands for nobody, so that what others share with the person keeps its references.",
    ),
    withheld={"password": SECRETS, "security_version": SECRETS},
    data=[
        data(Category.IDENTITY, "full_name"),
        data(Category.CONTACT, "email phone email_verified_at"),
        data(Category.CREDENTIAL, "password second_factor_at payouts_held_until security_version"),
        data(Category.PREFERENCE, "locale timezone"),
        data(Category.ACTIVITY, "last_login is_active closed_at is_staff is_superuser"),
    ],
)
