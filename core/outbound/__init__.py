"""The one HTTP client that calls out, bounded in every direction: time, size, redirects, and where it may connect.

Two kinds of peers. Providers are named in settings and trusted to be who they are. Strangers are addresses that a
user gave us; those are reached on the public internet alone (`addresses.py`), whatever their name resolves to.
A peer that keeps failing is left alone for a while (`breaker.py`), so that it cannot hold our threads.
"""

from core.outbound.addresses import UrlNotAllowed, check_url
from core.outbound.client import Answer, AnswerTooLarge, LeftAlone, Unreachable, call_provider, call_stranger

__all__ = (
    "Answer",
    "AnswerTooLarge",
    "LeftAlone",
    "Unreachable",
    "UrlNotAllowed",
    "call_provider",
    "call_stranger",
    "check_url",
)
