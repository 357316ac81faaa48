"""What accounts asks of people on the home screen."""

from typing import Any

import pytest
from django.utils import timezone

from access.types import Principal
from accounts import cards
from accounts.models import User
from core.contributions.cards import Card, Priority
from tests.accounts.actors import PrincipalOf

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(freelancer: User, principal_of: PrincipalOf) -> Principal:
    return principal_of(freelancer)


def change(user: User, **fields: Any) -> None:
    User.objects.filter(id=user.id).update(**fields)


def test_verify_email__address_not_confirmed__is_asked_for(freelancer: User, actor: Principal) -> None:
    change(freelancer, email_verified_at=None)

    assert list(cards.verify_email(actor)) == [
        Card(
            title="Confirm your e-mail address",
            subtitle="So that we reach you, and nobody else does.",
            priority=Priority.SOON,
            link="account",
            data={"email": freelancer.email},
        )
    ]
    change(freelancer, email_verified_at=timezone.now())
    assert list(cards.verify_email(actor)) == []


def test_protect_account__password_alone__is_offered_something_better(freelancer: User, actor: Principal) -> None:
    assert list(cards.protect_account(actor)) == [
        Card(
            title="Protect your account",
            subtitle="Add a passkey or a second factor.",
            priority=Priority.HINT,
            link="account",
            data={"offers": ["passkey", "totp"]},
        )
    ]
    change(freelancer, second_factor_at=timezone.now())
    assert list(cards.protect_account(actor)) == []
