"""Staff look at requests and close them; nobody else does."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from privacy.models import ErasureStep, PrivacyRequest
from tests.accounts.actors import SignedInClient
from tests.privacy.conftest import Erase

pytestmark = pytest.mark.django_db
SCREENS = ("privacyrequest", "export", "erasure", "consententry", "ageingprogress")


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def address(model: str) -> str:
    return f"/{settings.STAFF_PATH}privacy/{model}/"


@pytest.fixture
def rows(client: SignedInClient, other: SignedInClient, erase: Erase) -> None:
    client.put("/v1/privacy/consents/analytics", {"given": True, "version": 1}, format="json")
    other.post("/v1/privacy/exports")
    erase(client)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("model", SCREENS)
def test_screens__support_lead__may_look_and_others_may_not(support_lead: User, support: User, model: str) -> None:
    lead = browser_of(support_lead)

    assert lead.get(address(model)).status_code == 200
    assert lead.get(f"{address(model)}add/").status_code == 403
    assert browser_of(support).get(address(model)).status_code == 403


@pytest.mark.usefixtures("rows")
def test_screens__of_an_erasure__show_its_steps_and_no_secret(support_lead: User) -> None:
    erasure: Any = ErasureStep.objects.earliest("position").erasure

    page = browser_of(support_lead).get(f"{address('erasure')}{erasure.id}/change/").content.decode()

    assert "calendar_events" in page
    assert erasure.link_digest
    assert erasure.link_digest not in page


def test_requests__marked_as_done__are_closed_by_the_service(client: SignedInClient, support_lead: User) -> None:
    client.post("/v1/privacy/requests", {"kind": "correct", "message": "My name is Mira."}, format="json")
    chosen = PrivacyRequest.objects.get()
    lead = browser_of(support_lead)
    form = {"action": "mark_done", "_selected_action": [str(chosen.id)]}

    assert lead.post(address("privacyrequest"), form).status_code == 302
    assert lead.post(address("privacyrequest"), form).status_code == 302

    chosen.refresh_from_db()
    assert (chosen.status, chosen.outcome) == ("done", "Done by staff.")
    assert client.get("/v1/privacy/requests").json()["data"][0]["status"] == "done"
