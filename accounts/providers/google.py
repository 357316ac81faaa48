"""Google: an ID token for one of our clients.

https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
"""

from accounts.errors import ProofRefused
from accounts.providers.configuration import client_ids_of, configuration_of
from accounts.providers.id_tokens import claims_of, is_true, issued_at, subject_of, text_of
from accounts.providers.types import Proof, Proven
from accounts.types import Platform, Provider

GOOGLE = Provider.GOOGLE
_OWN_DOMAINS = ("@gmail.com", "@googlemail.com")


def verify(proof: Proof, platform: Platform) -> Proven:
    claims = claims_of(
        proof.id_token,
        issuers=configuration_of(GOOGLE)["issuers"],
        client_ids=client_ids_of(GOOGLE, platform),
        peer=GOOGLE,
    )
    if "azp" in claims and claims["azp"] not in client_ids_of(GOOGLE):
        raise ProofRefused(reason="audience")  # another app asked for it in our name
    email = text_of(claims, "email")
    is_verified = is_true(claims.get("email_verified"))
    return Proven(
        provider=GOOGLE,
        subject=subject_of(claims),
        vouched_at=issued_at(claims),
        email=email,
        is_email_verified=is_verified,
        # Google hosts these mailboxes; others it has asked once, when the account was made.
        is_email_owned=is_verified and (email.lower().endswith(_OWN_DOMAINS) or bool(claims.get("hd"))),
        full_name=text_of(claims, "name"),
        nonce=text_of(claims, "nonce"),
        client_id=claims["aud"],
    )
