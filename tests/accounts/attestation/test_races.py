"""Two signatures, or two answers, at once."""

import pytest
from django.db import connection

from accounts.models import AttestationKey
from core.testing.races import race, winners
from tests.accounts.attestation.conftest import Attester

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: SQLite runs one writer at a time")
def test_counter__many_signatures_with_one_number__one_passes(iphone: Attester) -> None:
    iphone.attest()
    for counter in range(1, 6):
        asked = [iphone.ask("assertion") for _ in range(6)]
        answers = winners(
            race(*(lambda each=each, counter=counter: iphone.sign(each, counter=counter) for each in asked))
        )

        assert sorted(answer.status_code for answer in answers) == [200, *[422] * 5]
        assert {answer.json()["reason"] for answer in answers} == {"", "wrong_counter"}
        assert AttestationKey.objects.get().counter == counter


def test_challenge__answered_many_times_at_once__counts_once(iphone: Attester) -> None:
    asked = iphone.ask("attestation")

    answers = winners(race(*[lambda: iphone.attest(asked)] * 6))

    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 5]
    assert AttestationKey.objects.count() == 1


def test_key__attested_by_two_devices_at_once__belongs_to_one(iphone: Attester, other_iphone: Attester) -> None:
    other_iphone.phone = iphone.phone
    asked = [(phone, phone.ask("attestation")) for phone in (iphone, other_iphone)]

    answers = race(*(lambda phone=phone, each=each: phone.attest(each) for phone, each in asked))

    assert sorted(answer.status_code for answer in winners(answers)) == [200, 422]
    assert AttestationKey.objects.count() == 1
