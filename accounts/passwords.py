"""What a password may be, and whether one is right.

Eight characters at least and 128 at most, nothing from the list of the most common ones, nothing that names the
product or its owner; no rules of composition, and not a character of it is changed (NIST SP 800-63B, section 3.1.1).
"""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from core.errors import FieldError, Invalid

MAX_LENGTH = 128
_PRODUCT = ("gigvora",)
_SHORTEST_TELLING_WORD = 4


class ContextValidator:
    """Refuses passwords that are little more than the product's, the mailbox's or the owner's name."""

    def validate(self, password: str, user: User | None = None) -> None:
        rest = password.casefold()
        for word in (*_PRODUCT, *_words_about(user)):
            rest = rest.replace(word, "")
        if len(rest) < len(password) and sum(character.isalpha() for character in rest) < _SHORTEST_TELLING_WORD:
            raise ValidationError(self.get_help_text(), code="password_too_similar")

    def get_help_text(self) -> str:
        return "Use something other than your name, your address or ours."


def check_acceptable(password: str, *, user: User, field: str = "password") -> None:
    """Refuse a password that is easily guessed.

    Raises:
        Invalid: with one error for each rule that it breaks.
    """
    if len(password) > MAX_LENGTH:
        raise Invalid.field(field, f"Use at most {MAX_LENGTH} characters.", "password_too_long")
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        broken = [FieldError(f"/{field}", str(error.code), error.messages[0]) for error in refusal.error_list]
        raise Invalid(errors=broken) from None


def matches(user: User | None, password: str) -> bool:
    """Whether this is the password of an open account; as slow for accounts that are closed or do not exist."""
    if user is None:
        make_password(password)
        return False
    return user.check_password(password) and user.is_active


def _words_about(user: User | None) -> list[str]:
    if user is None:
        return []
    words = [user.email.partition("@")[0], *user.full_name.split()]
    return [word.casefold() for word in words if len(word) >= _SHORTEST_TELLING_WORD]
