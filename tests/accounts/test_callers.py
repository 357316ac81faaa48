"""Nobody adds a lasting way in by a request that was let in before its session was put out."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from access.types import Principal
from accounts.errors import SessionEnded
from accounts.models import BiometricKey, Passkey, User
from accounts.services import biometric, factors, passkeys, sessions
from tests.accounts.actors import PrincipalOf, SignIn
from tests.accounts.authenticators import Authenticator, begin_registration

pytestmark = pytest.mark.django_db


def enroll(thief: Principal) -> None:
    biometric.enroll(actor=thief, public_key=ec.generate_private_key(ec.SECP256R1()).public_key())


def renew_codes(thief: Principal) -> None:
    factors.renew_recovery_codes(actor=thief)


@pytest.mark.parametrize("add", [enroll, renew_codes])
def test_key_or_codes__owner_signs_out_everywhere_meanwhile__are_not_added(
    freelancer: User, principal_of: PrincipalOf, add: Callable[[Principal], None]
) -> None:
    User.objects.update(second_factor_at=timezone.now())
    owner, thief = principal_of(freelancer), principal_of(freelancer)
    sessions.sign_out(actor=owner, everywhere=True)

    with pytest.raises(SessionEnded):
        add(thief)

    assert not BiometricKey.objects.exists()
    assert not freelancer.recovery_codes.exists()


def test_passkey__owner_signs_out_everywhere_meanwhile__is_not_added(
    freelancer: User, principal_of: PrincipalOf, sign_in: SignIn
) -> None:
    thief = sign_in(freelancer)
    credential = Authenticator().register(begin_registration(thief))
    sessions.sign_out(actor=principal_of(freelancer), everywhere=True)

    with pytest.raises(SessionEnded):
        passkeys.register(actor=thief.principal, credential=credential)

    assert not Passkey.objects.exists()
