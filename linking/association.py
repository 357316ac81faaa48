"""Which apps belong to this host: the documents that iOS and Android fetch before they open our links in an app.

Apple: "Supporting associated domains". Google: Digital Asset Links. Both want JSON at a fixed address, without a
redirect.
"""

from typing import Any

from django.conf import settings

LINK_ROOT = "l/"
STAY_IN_BROWSER = "web"  # /l/…?web=1 never opens an app


def apple_app_site_association() -> dict[str, Any]:
    """Universal links, shared passwords and App Clips. iOS 13 and later read `components`; the first that fits wins."""
    apps = [_app_id(bundle) for bundle in settings.APPLE_BUNDLE_IDS]
    return {
        "applinks": {"details": [{"appIDs": apps, "components": _components()}] if apps else []},
        "webcredentials": {"apps": apps},
        "appclips": {"apps": [_app_id(bundle) for bundle in settings.APPLE_APP_CLIP_IDS]},
    }


def asset_links() -> list[dict[str, Any]]:
    """App links, instant apps (an instant app has its app's package and key) and shared passwords."""
    relations = ["delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds"]
    apps = [
        {
            "namespace": "android_app",
            "package_name": package,
            "sha256_cert_fingerprints": settings.ANDROID_CERTIFICATE_FINGERPRINTS,
        }
        for package in settings.ANDROID_PACKAGES
    ]
    site = {"namespace": "web", "site": settings.PUBLIC_BASE_URL}
    return [
        *({"relation": relations, "target": app} for app in apps),
        {"relation": relations[1:], "target": site},
    ]


def _components() -> list[dict[str, Any]]:
    everything = f"/{LINK_ROOT}*"
    return [
        {"/": everything, "?": {STAY_IN_BROWSER: "1"}, "exclude": True, "comment": "the reader chose the browser"},
        {"/": everything, "comment": "all links that are meant for the app"},
    ]


def _app_id(bundle: str) -> str:
    return f"{settings.APPLE_TEAM_ID}.{bundle}"
