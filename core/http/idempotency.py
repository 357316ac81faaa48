"""`Idempotency-Key`: an effect happens once, however often its request is sent.

Follows draft-ietf-httpapi-idempotency-key-header-07.
The answer is recorded in the transaction of the effect itself: a crash leaves neither or both. Only what
happened is recorded. A request that was refused or failed changed nothing, so its key may be tried again, with
another body too. Keys are kept for a day and belong to one signed-in user; before anybody is signed in, to whoever
sends that very request again. Answers may hold secrets, such as tokens, so they are kept sealed.
"""

import hmac
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from core.db.advisory import try_lock
from core.errors import BadRequest, Conflict, Invalid
from core.http.requests import ApiRequest
from core.models import IdempotencyRecord
from core.sealing import seal, unseal

KEPT_FOR = timedelta(hours=24)
RETRY_AFTER = 1  # seconds
_KEY = re.compile(r'"([\x20\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')
_REPLAYED_HEADERS = ("Content-Type", "ETag", "Link", "Location", "Retry-After")


class InvalidIdempotencyKey(BadRequest):
    code = "invalid_idempotency_key"
    detail = "An Idempotency-Key has 1 to 255 printable ASCII characters."


class IdempotencyKeyReused(Invalid):
    code = "idempotency_key_reused"
    detail = "This Idempotency-Key was used for another request."


class IdempotencyInFlight(Conflict):
    code = "idempotency_in_flight"
    detail = "A request with this Idempotency-Key is still being worked on."


def answer_once(request: ApiRequest, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Answer an unsafe request, or replay what it was answered before.

    Raises:
        InvalidIdempotencyKey: the header is not a key.
        IdempotencyKeyReused: the key belongs to another route or body.
        IdempotencyInFlight: the first request has not been answered yet.
    """
    if "HTTP_IDEMPOTENCY_KEY" not in request.META:
        return answer()
    key = read_key(request.META["HTTP_IDEMPOTENCY_KEY"])
    fingerprint = fingerprint_of(request)
    owner = request.user.user_id if request.user else UUID(bytes=fingerprint[:16])
    with transaction.atomic():
        if not try_lock(f"idempotency:{owner}:{key}"):
            raise IdempotencyInFlight(retry_after=RETRY_AFTER)
        known = _find(owner, key)
        if known is not None:
            return _replay(known, fingerprint)
        response = answer()
        _record(owner, key, fingerprint, response)
    return response


def read_key(header: str) -> str:
    """The key, written as a structured string (`"…"`) or bare."""
    written = _KEY.fullmatch(header)
    if written is None:
        raise InvalidIdempotencyKey
    return written[1] or written[2]


def fingerprint_of(request: ApiRequest) -> bytes:
    """What makes two requests the same: method, address and body; the order of JSON's keys does not count.

    Keyed, as a body may hold a password, which nobody who reads the database should be able to guess at.
    """
    content_type = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    else:
        body = request._request.body
    route = f"{request.method}\n{request.get_full_path()}\n{content_type}\n"
    digest = hmac.new(settings.TOKEN_PEPPER.encode(), route.encode(), "sha256")
    digest.update(body)
    return digest.digest()


def purge() -> int:
    """Forget the keys of the day before; the number forgotten."""
    return IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _find(owner: UUID, key: str) -> IdempotencyRecord | None:
    record = IdempotencyRecord.objects.filter(user_id=owner, key=key).first()
    if record is not None and record.created_at < timezone.now() - KEPT_FOR:
        record.delete()
        return None
    return record


def _replay(record: IdempotencyRecord, fingerprint: bytes) -> HttpResponse:
    if bytes(record.fingerprint) != fingerprint:
        raise IdempotencyKeyReused
    body = unseal(bytes(record.body), purpose=fingerprint)
    return HttpResponse(body, status=record.status, headers={**record.headers, "Idempotent-Replayed": "true"})


def _record(owner: UUID, key: str, fingerprint: bytes, response: HttpResponseBase) -> None:
    """Keep an answer that changed something; one that did not takes its transaction back instead."""
    if response.status_code >= 400:
        transaction.set_rollback(True)
        return
    assert isinstance(response, HttpResponse), "An answer that is streamed cannot be replayed."
    IdempotencyRecord.objects.create(
        user_id=owner,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        headers={name: response[name] for name in _REPLAYED_HEADERS if name in response},
        body=seal(response.content, purpose=fingerprint),
        created_at=timezone.now(),
    )
