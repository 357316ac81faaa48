"""Reading what devices bring as evidence of themselves: bytes and keys in, facts out, and no row is touched.

What cannot be read, or was not made for this very request, is `EvidenceInvalid` and proves nothing either way.
What it means for a device is decided in `accounts/services/attestation.py`.
"""
