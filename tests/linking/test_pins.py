"""The pin set, its signature, and reports of apps that were shown something else."""

import logging
from io import StringIO
from pathlib import Path

import jwt
import pytest
import time_machine
from cryptography import x509
from django.core.management import CommandError, call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from linking.pins import pin_of, public_jwk
from linking.services import PIN_FAILURES
from tests.linking.conftest import BACKUP, CURRENT

PINS = "/v1/security/pins"
REPORTS = f"{PINS}/reports"


def counted(verdict: str) -> float:
    return float(PIN_FAILURES.labels("ios", verdict)._value.get())


@time_machine.travel("2026-11-21T13:37:00Z")
def test_pins__anybody__gets_them_signed(api: APIClient) -> None:
    response = api.get(PINS)

    body = response.json()
    signed = body.pop("signed")
    assert (response.status_code, response["Cache-Control"]) == (200, "private, max-age=3600")
    assert body == {
        "host": "api.gigvora.test",
        "pins": [CURRENT, BACKUP],
        "issued_at": "2026-11-21T00:00:00Z",
        "expires_at": "2026-12-21T00:00:00Z",
    }
    assert jwt.get_unverified_header(signed) == {"alg": "ES256", "typ": "pins+jwt"}
    assert jwt.decode(signed, jwt.PyJWK(public_jwk()), algorithms=["ES256"], issuer="https://api.gigvora.test") == {
        "iss": "https://api.gigvora.test",
        "sub": "api.gigvora.test",
        "iat": 1795219200,
        "exp": 1797811200,
        "pins": [CURRENT, BACKUP],
    }


def test_pins__same_day__are_304_to_whoever_holds_them(api: APIClient) -> None:
    tag = api.get(PINS)["ETag"]

    assert api.get(PINS, headers={"If-None-Match": tag}).status_code == 304


def test_pins__none_configured__are_a_404(api: APIClient, settings: Settings) -> None:
    settings.CERTIFICATE_PINS = []

    response = api.get(PINS)

    assert (response.status_code, response.json()["code"]) == (404, "feature_disabled")


def report(pem: str, **given: object) -> dict[str, object]:
    return {"hostname": "api.gigvora.test", "platform": "ios", "is_enforced": True, "chain": [pem], **given}


def test_report__foreign_certificate__is_logged_and_counted(
    api: APIClient, pem: str, certificate: x509.Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    before = counted("foreign")
    with caplog.at_level(logging.WARNING, "linking.services"):
        response = api.post(REPORTS, report(pem, app_version="2024.09.1"), format="json")

    assert (response.status_code, response.json()) == (202, {"message": "Thank you."})
    assert counted("foreign") == before + 1
    [line] = caplog.messages
    assert "verdict=foreign" in line
    assert pin_of(certificate) in line


def test_report__certificate_of_ours__is_a_stale_pin_of_the_app(
    api: APIClient, pem: str, certificate: x509.Certificate, settings: Settings
) -> None:
    settings.CERTIFICATE_PINS = [pin_of(certificate), BACKUP]
    before = counted("stale")

    assert api.post(REPORTS, report(pem), format="json").status_code == 202
    assert counted("stale") == before + 1


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ({"chain": ["no certificate"]}, "/chain", "invalid"),
        ({"chain": []}, "/chain", "min_length"),
        ({"platform": "web"}, "/platform", "invalid_choice"),
        ({"is_enforced": "yes"}, "/is_enforced", "invalid_type"),
        ({"note": "x"}, "/note", "unknown_field"),
    ],
)
def test_report__unusable__is_422(api: APIClient, pem: str, given: dict[str, object], pointer: str, code: str) -> None:
    response = api.post(REPORTS, report(pem, **given), format="json")

    assert response.status_code == 422
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [(pointer, code)]


def test_report__over_and_over__is_429(api: APIClient, pem: str, settings: Settings) -> None:
    settings.RATE_LIMIT_SCALE = 1

    answers = [api.post(REPORTS, report(pem), format="json").status_code for _ in range(12)]

    assert answers[:10] == [202] * 10
    assert answers[-1] == 429


def test_command__certificate__tells_its_pin(pem: str, certificate: x509.Certificate, tmp_path: Path) -> None:
    file, told = tmp_path / "server.pem", StringIO()
    file.write_text(pem)

    call_command("pins", str(file), stdout=told)

    assert told.getvalue().startswith(f"{pin_of(certificate)}  {file}\n")
    assert public_jwk()["x"] in told.getvalue()


def test_command__no_certificate__is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no certificate"):
        call_command("pins", str(tmp_path / "missing.pem"))
