"""What can go wrong at the door."""

from core.errors import AppError, BadRequest, Conflict, Forbidden, NotFound, RateLimited, Unauthenticated, Unavailable


class InvalidCredentials(Unauthenticated):
    """The same for an unknown address, a wrong password and a closed account, so that nothing is told apart."""

    code = "invalid_credentials"
    detail = "The e-mail address or the password is wrong."


class InvalidToken(Unauthenticated):
    code = "invalid_token"
    detail = "The token is not valid."


class TokenReused(Unauthenticated):
    code = "token_reused"
    detail = "This token was used before, so the session has been ended. Sign in again."


class TokenSuperseded(Conflict):
    """Ends nothing: the request was in time, but had to wait."""

    code = "token_superseded"
    detail = "This session has been renewed twice while the request waited. Use the newest token."


class SessionEnded(Unauthenticated):
    code = "session_ended"
    detail = "This session has ended. Sign in again."


class DeviceMismatch(Unauthenticated):
    code = "device_mismatch"
    detail = "This session belongs to another device."


class InvalidProof(Unauthenticated):
    code = "invalid_dpop_proof"
    detail = "The DPoP proof is missing or malformed."


class ProofNonceRequired(Unauthenticated):
    """Carries `dpop_nonce`, which is sent as the header `DPoP-Nonce` too."""

    code = "use_dpop_nonce"
    detail = "The time of the DPoP proof is off. Make another one with this nonce."


class PasskeyRefused(Unauthenticated):
    """The same for every cause, so that nothing is told apart."""

    code = "passkey_refused"
    detail = "This passkey does not sign anybody in."


class SignatureRefused(Unauthenticated):
    """The same for every cause: no such device, no key, a locked one, a wrong signature, a challenge used before."""

    code = "biometric_refused"
    detail = "This device does not sign anybody in. Sign in another way."


class EmailUnavailable(Conflict):
    code = "email_unavailable"
    detail = "This e-mail address cannot be used to register."


class PasskeyTaken(Conflict):
    code = "passkey_taken"
    detail = "This passkey is registered already."


class TooManyPasskeys(Conflict):
    code = "too_many_passkeys"
    detail = "You have as many passkeys as an account can have. Remove one first."


class LinkInvalid(BadRequest):
    code = "invalid_link"
    detail = "This link is not valid any more. Ask for a new one."


class TooManyAttempts(RateLimited):
    detail = "Too many attempts to sign in. Wait a moment."


class SecondFactorRequired(Forbidden):
    """`challenge` carries `id`, `methods` and `expires_at`; answering it continues the sign-in."""

    code = "second_factor_required"
    detail = "Enter a code of your second factor to go on."


class PasskeyInvalid(BadRequest):
    """What an authenticator answered to somebody who is signed in; a 401 would sign them out."""

    code = "invalid_passkey"
    detail = "This passkey could not be verified."


class SignatureInvalid(BadRequest):
    """To somebody who is signed in; a 401 would sign them out."""

    code = "invalid_signature"
    detail = "This is not signed by the key of this device."


class TransactionNotSigned(Forbidden):
    code = "transaction_not_signed"
    detail = "Sign exactly this on your device first."


class ChallengeInvalid(BadRequest):
    code = "invalid_challenge"
    detail = "This challenge was answered, has expired, or was never set. Start again."


class AttestationRefused(AppError):
    """Proves nothing, so nothing has changed. `reason` is for the app's developers, and may grow new words."""

    status = 422
    code = "attestation_refused"
    detail = "This is no evidence of this device for this challenge."


class HashingBusy(Unavailable):
    detail = "Too many people are signing in right now. Try again in a second."


class ProviderNotConfigured(NotFound):
    code = "provider_not_configured"
    detail = "Signing in with this provider is not offered here."


class ProofRefused(Unauthenticated):
    """The same for every cause; `reason` is for the audit trail alone."""

    code = "invalid_social_token"
    detail = "The provider's token is not valid here. Start signing in with the provider again."

    def __init__(self, *, reason: str) -> None:
        super().__init__()
        self.reason = reason


class LinkRequired(Conflict):
    code = "link_required"
    detail = "An account with this e-mail address exists. Sign in to it, then add this provider in its settings."


class EmailRequired(Conflict):
    code = "email_required"
    detail = "The provider did not tell an e-mail address. Allow it to, or register with one."


class IdentityTaken(Conflict):
    code = "identity_taken"
    detail = "This account of the provider belongs to another user, or another of its accounts to you."


class AccountIsClosed(Conflict):
    code = "account_closed"
    detail = "This account is closed for good."


class LastWayIn(Conflict):
    code = "last_sign_in_method"
    detail = "Without this you could not sign in any more. Set a password or add another way first."


class CodeInvalid(BadRequest):
    """The same for a wrong code, a used one, and one that was never sent."""

    code = "invalid_code"
    detail = "This code is not right, or not any more."


class PasswordWrong(BadRequest):
    """Not `401`, which would make apps believe that their session is over."""

    code = "wrong_password"
    detail = "This is not your password."


class MethodNotAvailable(Conflict):
    code = "method_not_available"
    detail = "Your account cannot prove itself this way. Ask which ways it has."


class RecoveryWaiting(Conflict):
    """Carries `ready_at`."""

    code = "recovery_waiting"
    detail = "The wait is not over yet. Come back with the same link."


class SecondFactorMissing(Conflict):
    code = "second_factor_missing"
    detail = "Your account has no second factor."


class StaffNeedSecondFactor(Conflict):
    code = "staff_need_second_factor"
    detail = "Staff must have a second factor. Set up another app in its place, and this one is forgotten."
