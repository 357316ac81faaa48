"""What accounts asks of people on the home screen."""

from collections.abc import Iterable

from access.types import Principal
from accounts.selectors import get_user, list_passkeys
from core.contributions.cards import Card, Priority, card


@card("verify_email", "One's address is not confirmed yet.", since="2024.06")
def verify_email(principal: Principal) -> Iterable[Card]:
    user = get_user(principal.user_id)
    if not user.is_email_verified:
        yield Card(
            title="Confirm your e-mail address",
            subtitle="So that we reach you, and nobody else does.",
            priority=Priority.SOON,
            link="account",
            data={"email": user.email},
        )


@card("protect_account", "Nothing but a password protects the account.", since="2024.09")
def protect_account(principal: Principal) -> Iterable[Card]:
    if not get_user(principal.user_id).has_second_factor and not list_passkeys(principal.user_id).exists():
        yield Card(
            title="Protect your account",
            subtitle="Add a passkey or a second factor.",
            priority=Priority.HINT,
            link="account",
            data={"offers": ["passkey", "totp"]},
        )
