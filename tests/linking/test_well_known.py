"""The documents that Apple, Google and security researchers fetch."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.checks import run_checks
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from linking.security_txt import expiry_of
from tests.linking.conftest import FINGERPRINT

APPLE = "/.well-known/apple-app-site-association"
ANDROID = "/.well-known/assetlinks.json"
SECURITY = "/.well-known/security.txt"


def test_apple__as_its_service_asks__gets_links_passwords_and_clips(client: Client) -> None:
    response = client.get(APPLE)

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response["Cache-Control"] == "public, max-age=3600"
    assert response.json() == {
        "applinks": {
            "details": [
                {
                    "appIDs": ["A1B2C3D4E5.com.gigvora.app"],
                    "components": [
                        {
                            "/": "/l/*",
                            "?": {"web": "1"},
                            "exclude": True,
                            "comment": "the reader chose the browser",
                        },
                        {"/": "/l/*", "comment": "all links that are meant for the app"},
                    ],
                }
            ]
        },
        "webcredentials": {"apps": ["A1B2C3D4E5.com.gigvora.app"]},
        "appclips": {"apps": ["A1B2C3D4E5.com.gigvora.app.Clip"]},
    }


def test_apple__no_app__names_none(client: Client, settings: Settings) -> None:
    settings.APPLE_BUNDLE_IDS = settings.APPLE_APP_CLIP_IDS = []

    assert client.get(APPLE).json() == {
        "applinks": {"details": []},
        "webcredentials": {"apps": []},
        "appclips": {"apps": []},
    }


def test_android__as_its_service_asks__gets_apps_and_their_certificates(client: Client) -> None:
    response = client.get(ANDROID)

    both = ["delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds"]
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response.json() == [
        {
            "relation": both,
            "target": {
                "namespace": "android_app",
                "package_name": "com.gigvora.app",
                "sha256_cert_fingerprints": [FINGERPRINT],
            },
        },
        {"relation": both[1:], "target": {"namespace": "web", "site": "https://api.gigvora.test"}},
    ]


@pytest.mark.parametrize("address", [APPLE, ANDROID, SECURITY])
def test_documents__held_already__are_304(client: Client, address: str) -> None:
    tag = client.get(address)["ETag"]

    again = client.get(address, headers={"If-None-Match": tag})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert client.post(address).status_code == 405


def test_security_txt__made_here__expires_in_half_a_year(client: Client, settings: Settings) -> None:
    settings.SECURITY_CONTACTS = ["mailto:security@gigvora.test", "https://gigvora.test/report"]
    settings.SECURITY_POLICY_URL = "https://gigvora.test/policy"

    with time_machine.travel("2026-11-21T13:37:00Z"):
        response = client.get(SECURITY)

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "Contact: mailto:security@gigvora.test\n"
        "Contact: https://gigvora.test/report\n"
        "Expires: 2027-05-20T00:00:00Z\n"
        "Preferred-Languages: en\n"
        "Canonical: https://api.gigvora.test/.well-known/security.txt\n"
        "Policy: https://gigvora.test/policy\n"
    )


def test_security_txt__signed_by_hand__is_served_as_it_is(client: Client, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "security.txt"
    file.write_text("-----BEGIN PGP SIGNED MESSAGE-----\nExpires: 2099-01-01T00:00:00Z\n")
    settings.SECURITY_TXT_FILE = str(file)

    assert client.get(SECURITY).content == file.read_bytes()
    assert run_checks(tags=["linking"]) == []


@pytest.mark.parametrize(
    ("setting", "value", "number"),
    [
        ("ANDROID_CERTIFICATE_FINGERPRINTS", ["0A:0B"], "E001"),
        ("CERTIFICATE_PINS", ["sha256/short", "sha256/" + "A" * 43 + "="], "E002"),
        ("CERTIFICATE_PINS", ["sha256/" + "A" * 43 + "="] * 2, "E003"),
        ("PIN_SIGNING_KEY", "", "E004"),
        ("SECURITY_CONTACTS", ["security@gigvora.test"], "E005"),
        ("SECURITY_TXT_FILE", "/nowhere/security.txt", "E006"),
    ],
)
def test_checks__unusable_value__is_told(settings: Settings, setting: str, value: object, number: str) -> None:
    setattr(settings, setting, value)

    assert [problem.id for problem in run_checks(tags=["linking"])] == [f"linking.{number}"]


def test_checks__expired_file__is_told(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "security.txt"
    file.write_text(f"Expires: {timezone.now() - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}\n")
    settings.SECURITY_TXT_FILE = str(file)

    assert [problem.id for problem in run_checks(tags=["linking"])] == ["linking.E006"]


@pytest.mark.parametrize("text", ["", "Expires: soon", "Expires: 2099-01-01", "Expires: 2099-01-01T00:00:00Z\n" * 2])
def test_expiry__not_said_once_and_fully__is_none(text: str) -> None:
    assert expiry_of(text) is None
