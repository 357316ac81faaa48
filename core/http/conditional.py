"""Conditional requests (RFC 9110 §13) and how long an answer may be kept.

Every answer to a GET has a strong `ETag`. Where a view knows the version of its data before it reads any,
the tag is made of that version and of all else the body depends on: an unchanged list is then answered by one
look-up, with a `304` or with the body kept from before. Elsewhere the tag is a digest of the body.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b, sha256
from pathlib import Path

from django.conf import settings

from core.errors import PreconditionFailed, PreconditionRequired
from core.http.requests import ApiRequest

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_VERSION = re.compile(r"v(\d{1,18})\.")
_REQUIRES_MATCH = re.compile(r"(?:^|[,;\s])require-match(?:$|[,;\s])")


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long a client may keep an answer: on `/api`, or with `everywhere` on every surface.

    `max_age` and `stale_if_error` count seconds; the latter is granted to mobile channels alone.
    """

    max_age: int
    must_revalidate: bool = False
    stale_if_error: int = 0
    everywhere: bool = False

    def header(self, *, is_mobile: bool) -> str:
        parts = ["private", f"max-age={self.max_age}"]
        if self.must_revalidate:
            parts.append("must-revalidate")
        if self.stale_if_error and is_mobile:
            parts.append(f"stale-if-error={self.stale_if_error}")
        return ", ".join(parts)


def validator(request: ApiRequest, data_version: str) -> str:
    """The tag of an answer made of data at `data_version`, before the moment of `until` is added."""
    return _digest(data_version, code_version(), *_asked(request))


def address(request: ApiRequest) -> int:
    """What stands for all that an answer depends on beside the data. Another request may have the same, by chance."""
    return hash(_asked(request))


def until(tag: str, changes_at: datetime | None) -> str:
    """The tag of a body that changes by itself: it carries the moment, `<digest>.<unix time>`.

    The tag that a client sends back thereby tells when it stopped being true, and nothing has to be remembered.
    """
    return tag if changes_at is None else f"{tag}.{int(changes_at.timestamp())}"


def digest_of(request: ApiRequest, body: bytes, row_version: int | None = None) -> str:
    """The tag of a rendered body; a resource with a `version` shows it first, for `If-Match` to read."""
    shown = "" if row_version is None else f"v{row_version}."
    digest = sha256(_digest(_caller(request)).encode())  # processors have it built in: a page of 70 KB shows that
    digest.update(body)
    return shown + digest.hexdigest()[:32]


def unchanged_since(request: ApiRequest, tag: str) -> str | None:
    """The tag in `If-None-Match` that is still true of the data behind the validator `tag`."""
    for _, sent in _tags(request.META.get("HTTP_IF_NONE_MATCH", "")):
        shown, _, moment = sent.partition(".")
        if shown == tag and (not moment or (moment.isdecimal() and time.time() < int(moment[:12]))):
            return sent
    return None


def is_unchanged(request: ApiRequest, tag: str) -> bool:
    """Whether `If-None-Match` (RFC 9110 §13.1.2: weak comparison, lists, `*`) already holds `tag`."""
    asked = request.META.get("HTTP_IF_NONE_MATCH", "")
    return asked.strip() == "*" or any(sent == tag for _, sent in _tags(asked))


def expected_version(request: ApiRequest) -> int | None:
    """The `version` that `If-Match` expects a resource to have; `None` without one, or for `*`.

    Raises:
        PreconditionFailed: no tag in it is a strong tag of a resource with a version.
    """
    asked = request.META.get("HTTP_IF_MATCH", "*")
    if asked.strip() == "*":
        return None
    versions = [int(shown[1]) for weak, tag in _tags(asked) if not weak and (shown := _VERSION.match(tag))]
    if not versions:
        raise PreconditionFailed
    return max(versions)


def require_match(request: ApiRequest) -> None:
    """Honour `Prefer: require-match` on the change of a resource that has a version.

    Raises:
        PreconditionRequired: the client asked for it and sent no `If-Match`.
    """
    if _REQUIRES_MATCH.search(request.META.get("HTTP_PREFER", "")) and "HTTP_IF_MATCH" not in request.META:
        raise PreconditionRequired


@lru_cache(maxsize=1)
def code_version() -> str:
    """The release; while developing, when the source last changed."""
    if settings.RELEASE != "development":
        return str(settings.RELEASE)
    sources = Path(settings.PROJECT_DIR).glob("[a-z]*/**/*.py")
    return str(max((source.stat().st_mtime_ns for source in sources), default=0))


def _tags(header: str) -> Iterator[tuple[bool, str]]:
    """The tags of a list as `(is weak, tag)`; `core.http.compression` has taken its own marks off them."""
    return ((bool(weak), tag) for weak, tag in _TAG.findall(header))


def _asked(request: ApiRequest) -> tuple[str, ...]:
    meta = request.META
    return (
        _caller(request),
        meta.get("HTTP_HOST", ""),
        request.path,
        meta.get("QUERY_STRING", ""),
        request.wire.train,
        request.accepted_media_type,
    )


def _caller(request: ApiRequest) -> str:
    caller = request.user
    return f"{caller.user_id}|{caller.access_version}|{caller.timezone}|{caller.locale}" if caller else ""


def _digest(*parts: str) -> str:
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()  # `repr` tells where a part ends
