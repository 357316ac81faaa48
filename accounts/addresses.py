"""The one form in which an e-mail address is stored, compared and written to.

Case is folded and the domain is put into its ASCII form, the one that mail servers use today (UTS 46 and IDNA 2008):
Python's own codec is older and makes `fass.example` of `faß.example`, which belongs to somebody else. A local part
outside ASCII is refused, because letters that look alike or fold together (a dotless i, the Kelvin sign) would let one
person register as another.
"""

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.errors import Invalid

MAX_LENGTH = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets


def canonical(address: str, *, field: str = "email") -> str:
    """The canonical form of `address`, which came in as `field`.

    Raises:
        Invalid: not one plain e-mail address.
    """
    local, _, domain = address.strip().rpartition("@")
    try:
        folded = f"{local.lower()}@{_ascii(domain)}"
        validate_email(folded)
    except (UnicodeError, ValidationError):
        raise _refused(field) from None
    if not local.isascii() or len(folded) > MAX_LENGTH:
        raise _refused(field)
    return folded


def counted_as(address: str) -> str:
    """What an address is counted under, whatever came in: all spellings of one mailbox share their limits."""
    try:
        return canonical(address)
    except Invalid:
        return address.strip().lower()


def _ascii(domain: str) -> str:
    """Raises: UnicodeError, where no such domain can be registered."""
    return domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")


def _refused(field: str) -> Invalid:
    return Invalid.field(field, "Enter a valid e-mail address.")
