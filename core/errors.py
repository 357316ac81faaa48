"""The errors that business code raises; every transport translates them in one place.

A code is part of the contract with clients, a detail is for people.
HTTP turns these into problem details (`core/http/problems.py`), sockets into error frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One refused value; `pointer` is a JSON pointer (RFC 6901) into the request body."""

    pointer: str
    code: str
    message: str


class AppError(Exception):
    """Base of everything that is the caller's to know. `extra` joins the problem document."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    detail: ClassVar[str] = "The request cannot be processed."

    def __init__(self, detail: str | None = None, **extra: Any) -> None:
        self.message = detail or self.detail
        self.extra = extra
        super().__init__(self.message)

    @property
    def retry_after(self) -> int | None:
        """Seconds after which the same request may be tried again, if it may."""
        return self.extra.get("retry_after")


class BadRequest(AppError):
    """The request is not well-formed."""


class Unauthenticated(AppError):
    status = 401
    code = "unauthenticated"
    detail = "Sign in to use this."


class Forbidden(AppError):
    status = 403
    code = "forbidden"
    detail = "You may not do this."


class NotFound(AppError):
    status = 404
    code = "not_found"
    detail = "There is nothing here."


class Conflict(AppError):
    status = 409
    code = "conflict"
    detail = "The current state does not allow this."


class Gone(AppError):
    status = 410
    code = "gone"
    detail = "This no longer exists."


class PreconditionFailed(AppError):
    status = 412
    code = "precondition_failed"
    detail = "The resource has changed since you read it."


class LengthRequired(AppError):
    status = 411
    code = "length_required"
    detail = "A form has to say how long it is (`Content-Length`)."


class PayloadTooLarge(AppError):
    status = 413
    code = "payload_too_large"
    detail = "The request body is too large."


class UnsupportedMediaType(AppError):
    status = 415
    code = "unsupported_media_type"
    detail = "The request body has an unsupported type or encoding."


class Invalid(AppError):
    """Values that are well-formed and wrong."""

    status = 422
    code = "validation_failed"
    detail = "Some values are not acceptable."

    def __init__(self, detail: str | None = None, *, errors: Sequence[FieldError] = (), **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.errors = tuple(errors)

    @classmethod
    def field(cls, name: str, message: str, code: str = "invalid") -> "Invalid":
        """The error of one named field, in the model's own (snake) case."""
        return cls(errors=[FieldError(f"/{name}", code, message)])


class UpgradeRequired(AppError):
    status = 426
    code = "upgrade_required"
    detail = "This version of the app is no longer served. Please update."


class PreconditionRequired(AppError):
    status = 428
    code = "precondition_required"
    detail = "Say which version you are changing: send If-Match."


class RateLimited(AppError):
    status = 429
    code = "rate_limited"
    detail = "Too many requests."


class Unavailable(AppError):
    status = 503
    code = "unavailable"
    detail = "The service is busy. Try again shortly."

    def __init__(self, detail: str | None = None, *, retry_after: int = 1, **extra: Any) -> None:
        super().__init__(detail, retry_after=retry_after, **extra)
