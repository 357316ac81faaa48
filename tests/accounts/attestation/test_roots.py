"""The roots that are shipped are those that Apple and Google publish."""

from cryptography.hazmat.primitives.hashes import SHA256

from accounts.attestation.evidence import shipped_roots

PUBLISHED = {
    "apple_app_attestation": ["1cb9823ba28ba6ad2d33a006941de2ae4f513ef1d4e831b9f7e0fa7b6242c932"],
    "google_trust_services": [
        "d947432abde7b7fa90fc2e6b59101b1280e0e1c7e4e40fa3c6887fff57a7f4cf",
        "34d8a73ee208d9bcdb0d956520934b4e40e69482596e8b6f73c8426b010a6f48",
        "349dfa4058c5e263123b398ae795573c4e1313c83fe68f93556cd5e8031b3c7d",
    ],
}


def test_shipped_roots__each__has_its_published_fingerprint() -> None:
    for name, fingerprints in PUBLISHED.items():
        assert [root.fingerprint(SHA256()).hex() for root in shipped_roots(name)] == fingerprints
