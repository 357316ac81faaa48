"""Shapes of sign-in, people, devices and sessions, in and out: one module for each story."""

from accounts.serializers.devices import DeviceClaimSerializer, DeviceRenameSerializer, DeviceSerializer, assurance_name
from accounts.serializers.fields import NameField, PasswordField
from accounts.serializers.passkeys import (
    PasskeyOfferSerializer,
    PasskeyOptionsSerializer,
    PasskeyRegisterSerializer,
    PasskeyRenameSerializer,
    PasskeySerializer,
    PasskeySignInSerializer,
    PasskeyStepUpSerializer,
)
from accounts.serializers.people import AccountSerializer, ProfileUpdateSerializer, WorkspaceSerializer
from accounts.serializers.sessions import SecurityEventSerializer, SessionSerializer
from accounts.serializers.signing_in import (
    EmailSerializer,
    LoginSerializer,
    LogoutSerializer,
    MessageSerializer,
    RefreshSerializer,
    RegisterSerializer,
    ResetPasswordSerializer,
    TokenAnswerSerializer,
)
from accounts.serializers.social import (
    IdentitySerializer,
    LinkIdentitySerializer,
    NonceSerializer,
    ProofSerializer,
    SocialSignInSerializer,
)

__all__ = (
    "AccountSerializer",
    "DeviceClaimSerializer",
    "DeviceRenameSerializer",
    "DeviceSerializer",
    "EmailSerializer",
    "IdentitySerializer",
    "LinkIdentitySerializer",
    "LoginSerializer",
    "LogoutSerializer",
    "MessageSerializer",
    "NameField",
    "NonceSerializer",
    "PasskeyOfferSerializer",
    "PasskeyOptionsSerializer",
    "PasskeyRegisterSerializer",
    "PasskeyRenameSerializer",
    "PasskeySerializer",
    "PasskeySignInSerializer",
    "PasskeyStepUpSerializer",
    "PasswordField",
    "ProfileUpdateSerializer",
    "ProofSerializer",
    "RefreshSerializer",
    "RegisterSerializer",
    "ResetPasswordSerializer",
    "SecurityEventSerializer",
    "SessionSerializer",
    "SocialSignInSerializer",
    "TokenAnswerSerializer",
    "WorkspaceSerializer",
    "assurance_name",
)
