"""Nobody adds a lasting way in by a request that was let in before its session was put out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection, transaction
from django.utils import timezone

from access.types import Principal
from accounts.errors import SessionEnded
from accounts.models import BiometricKey, DeviceSession, Passkey, User
from accounts.services import biometric, factors, passkeys, sessions
from accounts.services.callers import lock_caller
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


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
def test_session__of_a_locked_caller__is_ended_by_nobody_before_the_change_is_there(
    freelancer: User, principal_of: PrincipalOf
) -> None:
    caller = principal_of(freelancer)

    with transaction.atomic(), ThreadPoolExecutor(1) as elsewhere:
        lock_caller(caller)
        assert elsewhere.submit(_may_be_ended, caller.session_id).result() == []


def _may_be_ended(session_id: UUID) -> list[DeviceSession]:
    try:
        with transaction.atomic():
            return list(DeviceSession.objects.select_for_update(skip_locked=True).filter(id=session_id))
    finally:
        connection.close()
