"""What staff see of the trust in devices: everything but what is sealed, and nothing to change."""

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import AttestationKey, IntegritySignal, User
from tests.accounts.attestation.conftest import Attester

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("model", ["attestationkey", "integritysignal"])
def test_screens__staff__can_look_but_not_add_change_or_delete(model: str, iphone: Attester, staff: User) -> None:
    iphone.attest()
    iphone.client.post("/v1/attestation/integrity", {"jailbroken": True}, format="json")
    rows = {"attestationkey": AttestationKey.objects.get(), "integritysignal": IntegritySignal.objects.get()}
    browser = Client()
    browser.force_login(staff)
    base = f"/{settings.STAFF_PATH}accounts/{model}/"

    assert browser.get(base).status_code == 200
    page = browser.get(f"{base}{rows[model].id}/change/")
    assert page.status_code == 200
    assert "receipt" not in page.content.decode().lower()
    assert browser.get(f"{base}add/").status_code == 403
    assert browser.post(f"{base}{rows[model].id}/change/", {"counter": 0}).status_code == 403
    assert browser.post(f"{base}{rows[model].id}/delete/", {"post": "yes"}).status_code == 403
