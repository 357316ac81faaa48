"""The pages behind links, as people without the app and link previews see them."""

import re

import pytest
from django.test import Client

EVENT = "calendar/events/0193f6c2-0000-7000-8000-000000000001:20261120T090000Z"


def metas(html: str) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', html))


def links(html: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', html)


def test_page__personal_link__offers_the_app_and_tells_nothing(client: Client) -> None:
    response = client.get(f"/l/{EVENT}")
    html = response.content.decode()

    here = f"https://api.gigvora.test/l/{EVENT}"
    assert response.status_code == 200
    assert metas(html) == {
        "viewport": "width=device-width, initial-scale=1",
        "description": "Open it in the app to see when and where.",
        "robots": "noindex",
        "og:type": "website",
        "og:site_name": "Gigvora",
        "og:title": "An event on Gigvora",
        "og:description": "Open it in the app to see when and where.",
        "og:url": here,
        "al:ios:url": f"gigvora://{EVENT}",
        "al:ios:app_store_id": "6450000000",
        "al:ios:app_name": "Gigvora",
        "al:android:url": f"gigvora://{EVENT}",
        "al:android:package": "com.gigvora.app",
        "al:android:app_name": "Gigvora",
        "al:web:url": f"{here}?web=1",
        "apple-itunes-app": (
            f"app-id=6450000000, app-argument={here}, app-clip-bundle-id=com.gigvora.app.Clip, app-clip-display=card"
        ),
    }
    assert links(html) == [
        here,
        f"android-app://com.gigvora.app/https/api.gigvora.test/l/{EVENT}",
        f"gigvora://{EVENT}",
        "https://apps.apple.com/app/gigvora/id6450000000",
        "https://play.google.com/store/apps/details?id=com.gigvora.app"
        "&amp;referrer=link%3Dcalendar%2Fevents%2F0193f6c2-0000-7000-8000-000000000001%3A20261120T090000Z",
    ]
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] == "max-age=300"


def test_page__home__may_be_indexed(client: Client) -> None:
    response = client.get("/l/")

    assert response.status_code == 200
    assert "robots" not in metas(response.content.decode())
    assert "X-Robots-Tag" not in response


@pytest.mark.parametrize("path", ["nothing/here", "calendar/../etc", "calendar//events", "calendar/<b>", "x" * 600])
def test_page__unknown_path__is_a_404_that_repeats_nothing(client: Client, path: str) -> None:
    response = client.get(f"/l/{path}")
    html = response.content.decode()

    assert response.status_code == 404
    assert "This link leads nowhere" in html
    assert path not in html
    assert response["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("query", ["next=https://evil.test", "url=//evil.test", "redirect=javascript:alert(1)"])
def test_page__address_in_the_query__leads_nowhere_else(client: Client, query: str) -> None:
    plain, asked = client.get(f"/l/{EVENT}"), client.get(f"/l/{EVENT}?{query}")

    assert asked.content == plain.content
    assert "Location" not in asked


def test_page__other_methods__are_refused(client: Client) -> None:
    assert client.post(f"/l/{EVENT}").status_code == 405
