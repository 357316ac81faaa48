"""What can go wrong at the door."""

from core.errors import BadRequest, Conflict, RateLimited, Unauthenticated, Unavailable


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


class SessionEnded(Unauthenticated):
    code = "session_ended"
    detail = "This session has ended. Sign in again."


class DeviceMismatch(Unauthenticated):
    code = "device_mismatch"
    detail = "This session belongs to another device."


class EmailUnavailable(Conflict):
    code = "email_unavailable"
    detail = "This e-mail address cannot be used to register."


class LinkInvalid(BadRequest):
    code = "invalid_link"
    detail = "This link is not valid any more. Ask for a new one."


class TooManyAttempts(RateLimited):
    detail = "Too many attempts to sign in. Wait a moment."


class HashingBusy(Unavailable):
    detail = "Too many people are signing in right now. Try again in a second."
