"""Codes for when the second factor is lost: ten at a time, each good once, shown once and kept as digests."""

import secrets
from uuid import UUID

from accounts.digests import peppered
from accounts.models import RecoveryCode, User

COUNT = 10
LENGTH = 12  # letters of 32, so 60 bits
_ALPHABET = "abcdefghjkmnpqrstvwxyz0123456789"  # nothing that looks like something else: no i, l, o, u


def replace(user: User) -> tuple[str, ...]:
    """Give a user new codes in place of all former ones, in the caller's transaction."""
    codes = tuple(_new() for _ in range(COUNT))
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create([RecoveryCode(digest=_digest(user.id, code), user=user) for code in codes])
    return codes


def spend(user: User, code: str) -> bool:
    """Whether `code` was one of the user's; then it is not any more. Case, spaces and hyphens do not count."""
    spent, _ = RecoveryCode.objects.filter(user=user, digest=_digest(user.id, code)).delete()
    return bool(spent)


def _new() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, LENGTH, 4))


def _digest(user_id: UUID, code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return peppered("recovery code", f"{user_id} {plain}").hex()
