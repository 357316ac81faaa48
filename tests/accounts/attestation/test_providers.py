"""Evidence that Apple or Google must be asked about: their word counts, and their silence changes nothing (R12)."""

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest
from pytest_django import Settings

from access.models import AuditEntry
from accounts.attestation import google
from core.http.access import Assurance
from core.outbound import client
from tests.accounts.attestation.conftest import PACKAGE, PLAY, TEAM, Attester
from tests.fakes.devicecheck import REAL_TOKEN, DeviceCheckServer
from tests.fakes.google_play import GooglePlayServer
from tests.fakes.https import Reply, authority_file

pytestmark = pytest.mark.django_db(transaction=True)

STRONG = ("MEETS_BASIC_INTEGRITY", "MEETS_DEVICE_INTEGRITY", "MEETS_STRONG_INTEGRITY")


@pytest.fixture(autouse=True)
def _trusting(settings: Settings) -> Iterator[None]:
    settings.OUTBOUND_CA_FILE = authority_file()
    client.breaker.forget()
    google.credential.forget()
    yield
    client.breaker.forget()
    client._providers.cache_clear()


@pytest.fixture
def apple(settings: Settings) -> Iterator[DeviceCheckServer]:
    with DeviceCheckServer(TEAM, "KEY1") as server:
        settings.DEVICECHECK_URL = server.url
        settings.DEVICECHECK_KEY, settings.DEVICECHECK_KEY_ID = server.private_key, server.key_id
        yield server


@pytest.fixture
def play(settings: Settings) -> Iterator[GooglePlayServer]:
    with GooglePlayServer(PACKAGE) as server:
        settings.PLAY_INTEGRITY_URL, settings.PLAY_SERVICE_ACCOUNT = server.url, server.service_account
        yield server


def devicecheck(phone: Attester, token: str = REAL_TOKEN) -> Any:
    return phone.apple("devicecheck", phone.ask("devicecheck"), device_token=token)


def standard(phone: Attester, play: GooglePlayServer, *labels: str, **odd: Any) -> Any:
    asked = phone.ask("standard")
    payload = PLAY.payload(odd.pop("client_data", asked["client_data"]), labels, bound_by="requestHash", **odd)
    return phone.android("standard", asked, play.seal(payload))


def test_devicecheck__real_device__is_basic(iphone: Attester, apple: DeviceCheckServer) -> None:
    answer = devicecheck(iphone).json()

    assert (answer["verdict"], answer["reason"], answer["assurance"]) == ("passed", "legacy", "basic")
    assert iphone.level is Assurance.BASIC


def test_devicecheck__after_app_attest__takes_nothing_from_it(iphone: Attester, apple: DeviceCheckServer) -> None:
    iphone.attest()

    assert devicecheck(iphone).json()["assurance"] == "strong"


def test_devicecheck__token_that_apple_does_not_know__is_refused(iphone: Attester, apple: DeviceCheckServer) -> None:
    answer = devicecheck(iphone, "made up")

    assert (answer.status_code, answer.json()["reason"]) == (422, "malformed")
    assert iphone.level is Assurance.NONE


def test_standard__opened_by_google__is_as_good_as_its_best_label(android: Attester, play: GooglePlayServer) -> None:
    assert standard(android, play, *STRONG).json()["assurance"] == "strong"
    assert standard(android, play, *STRONG[:1]).json()["assurance"] == "basic"
    assert len(play.calls("/token")) == 1, "the credential is kept until it ends"


def test_standard__made_for_another_request__is_refused(android: Attester, play: GooglePlayServer) -> None:
    assert standard(android, play, *STRONG, client_data="another").json()["reason"] == "wrong_challenge"
    assert android.android("standard", android.ask("standard"), "made up").json()["reason"] == "malformed"


def test_standard__credential_withdrawn__is_renewed_for_the_next(android: Attester, play: GooglePlayServer) -> None:
    standard(android, play, *STRONG)
    play.granted.clear()

    assert standard(android, play, *STRONG).json()["reason"] == "answered_401"
    assert standard(android, play, *STRONG[:2]).json()["assurance"] == "device"


def test_classic__without_the_consoles_keys__is_opened_by_google(
    android: Attester, play: GooglePlayServer, settings: Settings
) -> None:
    settings.PLAY_DECRYPTION_KEY = ""
    asked = android.ask("classic")

    answer = android.android("classic", asked, play.seal(PLAY.payload(asked["client_data"], STRONG)))

    assert answer.json()["assurance"] == "strong"


@pytest.mark.parametrize("fault", [Reply(500), Reply(503), Reply(429), Reply(403), Reply(200, b"not JSON")])
def test_row_30__google_out_of_order__is_unknown_and_nothing_changes(
    fault: Reply, android: Attester, play: GooglePlayServer
) -> None:
    standard(android, play, *STRONG)
    play.fault = fault

    assert_unknown(standard(android, play), f"answered_{fault.status}", "strong")
    assert android.level is Assurance.STRONG


@pytest.mark.parametrize("fault", [Reply(500), Reply(401), Reply(429)])
def test_row_30__apple_out_of_order__is_unknown_and_nothing_changes(
    fault: Reply, iphone: Attester, apple: DeviceCheckServer
) -> None:
    apple.fault = fault

    assert_unknown(devicecheck(iphone), f"answered_{fault.status}", "none")


def test_row_30__provider_silent__is_unknown_in_time_and_then_at_once(
    android: Attester, play: GooglePlayServer
) -> None:
    standard(android, play, *STRONG)
    play.hang = 30

    for _ in range(3):
        began = monotonic()
        assert_unknown(standard(android, play), "no_answer", "strong")
        assert monotonic() - began < 6
    began = monotonic()
    assert_unknown(standard(android, play), "no_answer", "strong")
    assert monotonic() - began < 1, "a provider that does not answer is left alone for a while"


def test_providers__not_configured__are_unknown(android: Attester, iphone: Attester, settings: Settings) -> None:
    settings.PLAY_SERVICE_ACCOUNT = settings.DEVICECHECK_KEY = ""

    assert_unknown(android.android("standard", android.ask("standard"), "x"), "not_configured", "none")
    assert_unknown(devicecheck(iphone), "not_configured", "none")


def assert_unknown(answer: Any, reason: str, level: str) -> None:
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["verdict"], found["reason"], found["assurance"]) == ("unknown", reason, level)
    assert AuditEntry.objects.filter(action="attestation.unknown").latest("id").reason == reason
