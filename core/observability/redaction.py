"""What must never reach a log line, an error report or a trace: secrets, and who people are.

Two nets, because either alone has holes: fields are refused by name, and every free text is searched for
what looks like a token, a password or an address. Values from the request's own context (`trace.id`, `user.id` …)
are ours and pass.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.http import HttpRequest

REDACTED = "[redacted]"
_MAX_TEXT = 16_000  # characters; a runaway message must not become a runaway bill
_MAX_DEPTH = 6

_SECRET_NAME = re.compile(
    r"passw|secret|token|authori[sz]ation|cookie|api[_-]?key|private[_-]?key|signature|credential|dsn|assertion|otp"
    r"|fingerprint|e_?mail|phone|full_?name|^(code|key|pin|session|body|data|query_string)$",
    re.IGNORECASE,
)
# Repetitions are bounded: a hostile text must not cost more than its length.
_SECRET_TEXT = re.compile(
    r"(?P<jwt>\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?)"
    r"|(?P<scheme>\b(?:Bearer|Basic|DPoP)\s+)[^\s,;'\"]+"
    r"|(?P<name>(?:passw(?:or)?d|secret|token|api[_-]?key|authorization|cookie)[\w-]{0,32}['\"]?\s{0,4}[=:]\s{0,4})"
    r"(?:'[^']*'|\"[^\"]*\"|[^\s,;&)}\]]+)"
    r"|(?P<userinfo>://)[^/\s:@]{0,256}:[^/\s@]{1,256}(?=@)"
    r"|(?P<mail>[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)"
    r"|(?P<pem>-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|\Z))",
    re.IGNORECASE,
)
# Terminal escapes, carriage returns and Unicode line ends would let a caller forge lines in whatever shows the log.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# An id (of one occurrence too), a number, or a word of ours.
_PLAIN_VALUE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?::[\dTZ:+.-]{8,40})?|[0-9]{1,19}|[a-z][a-z_-]{0,23}", re.IGNORECASE
)


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    return bool(_SECRET_NAME.search(name))


def redact_text(text: str) -> str:
    """The text without what looks secret or personal, and without control characters other than tab and line feed."""
    cleaned = _SECRET_TEXT.sub(_replacement, text[:_MAX_TEXT])
    return _CONTROL.sub(_escape, cleaned)


def one_line(text: str) -> str:
    """The text on one line, for readers that take each line for an entry."""
    return text.replace("\n", "\\n")


def redact(value: Any, depth: int = 0) -> Any:
    """A copy of any nested value in which secret names hold `[redacted]` and texts are cleaned."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bool | int | float | None):
        return value
    if depth >= _MAX_DEPTH:
        return REDACTED
    if isinstance(value, Mapping):
        return {
            str(name): REDACTED if is_secret_name(str(name)) else redact(inner, depth + 1)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(inner, depth + 1) for inner in value]
    return redact_text(str(value))


def safe_path(request: HttpRequest) -> str:
    """The path, without the secrets that some routes carry in it.

    A value in the path stays when it is plainly an id, a number or a word of ours; a one-time token or a
    subscription's address does not.
    """
    match = request.resolver_match
    if match is None:
        return redact_text(request.path)
    path = request.path
    for name, value in match.kwargs.items():
        if isinstance(value, str) and (is_secret_name(name) or not _PLAIN_VALUE.fullmatch(value)):
            path = path.replace(value, REDACTED)
    return path


def _replacement(match: re.Match[str]) -> str:
    return (match["scheme"] or match["name"] or match["userinfo"] or "") + REDACTED


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
