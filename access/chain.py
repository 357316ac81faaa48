"""The hash chain over the audit trail, and finding what was tampered with.

A job seals what has been committed since its last run: each entry gets the next position, and a digest over the
entry and the digest before it. Writers never wait for it, and an entry that commits late is sealed late: order is
that of sealing. Whoever rewrites the whole chain is found out by a head (`position:digest`) that was logged or
kept elsewhere before.
"""

import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Exists, Max, OuterRef, QuerySet

from access.commitments import LASTING, PARTS, is_blank, is_bound
from access.models import AuditEntry, AuditSeal
from access.redaction import REDACTED, first_id, is_coarsened, owners_of

logger = logging.getLogger(__name__)

BATCH = 1_000
# The longest time between taking an id and committing it. Transactions are cut off long before.
LATENESS = timedelta(hours=1)
GENESIS = bytes(32)
_BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: everything up to `position` hangs on `digest`."""

    position: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.digest.hex()}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Read what `str()` wrote.

        Raises:
            ValueError: it is nothing of the kind.
        """
        position, _, digest = text.partition(":")
        if len(digest) != 2 * len(GENESIS):
            raise ValueError(text)
        return cls(int(position), bytes.fromhex(digest))


@dataclass(frozen=True, slots=True)
class Finding:
    """One proof of tampering, at a position of the chain or at an entry outside of it."""

    kind: str
    where: str


def seal() -> int:
    """Seal every entry committed so far; returns how many.

    Of several runs at once one wins each batch, by the primary key of the position; the others leave the work
    to it. A killed run leaves whole batches.
    """
    total, after = 0, first_id(_window_start())
    try:
        while seals := _seal_batch(after):
            total, after = total + len(seals), seals[-1].entry_id
    except IntegrityError:
        logger.info("audit.seal: another run is at work")
    return total


def _seal_batch(after: UUID) -> list[AuditSeal]:
    last = head() or Head(0, GENESIS)
    position, digest = last.position, last.digest
    seals = []
    for entry in unsealed(after)[:BATCH]:
        position, digest = position + 1, link(digest, entry)
        seals.append(AuditSeal(position=position, entry_id=entry.id, digest=digest))
    AuditSeal.objects.bulk_create(seals)  # all or none
    return seals


def _window_start() -> datetime:
    """Everything older than this was committed, and so sealed, before the last run ended."""
    last = AuditSeal.objects.order_by("-position").values_list("sealed_at", flat=True).first()
    return last - LATENESS if last else datetime.fromtimestamp(0, tz=UTC)


def head() -> Head | None:
    last = AuditSeal.objects.order_by("-position").first()
    return Head(last.position, bytes(last.digest)) if last else None


def unsealed(after: UUID = _BEFORE_ALL) -> QuerySet[AuditEntry]:
    """Entries with a later id and no seal, oldest first. Of the seals, too, only those of such ids are looked at."""
    seals = AuditSeal.objects.filter(entry_id=OuterRef("id"), entry_id__gt=after)
    return AuditEntry.objects.filter(~Exists(seals), id__gt=after).order_by("id")


def link(previous: bytes, entry: AuditEntry) -> bytes:
    """The digest of an entry in its place."""
    return sha256(previous + sha256(canonical(entry)).digest()).digest()


def canonical(entry: AuditEntry) -> bytes:
    """Every lasting field of an entry in one spelling. Empty ones are left out, so a new column changes no old digest.

    Of what may be blanked later (`commitments.py`) only the digests are part of it.
    """
    given = {name: value for name in LASTING if (value := getattr(entry, name)) not in (None, "", {})}
    return json.dumps(given, sort_keys=True, default=_spelling).encode()


def _spelling(value: Any) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def verify(heads: Iterable[Head] = (), progress: Callable[[int], None] = lambda count: None) -> Iterator[Finding]:
    """Walk the whole chain, in constant memory, and tell of everything that does not fit.

    `heads` are anchors from logs: the chain must still contain them.
    """
    anchors = {anchor.position: anchor.digest for anchor in heads}
    position, digest = 0, GENESIS
    for seals in _batches():
        entries = AuditEntry.objects.in_bulk([found.entry_id for found in seals])
        unbound = _unbound(entries.values())
        for found in seals:
            yield from _missing_seals(position + 1, found.position)
            yield from _check(digest, found, entries.get(found.entry_id), unbound)
            position, digest = found.position, bytes(found.digest)
            if anchors.pop(position, digest) != digest:
                yield Finding("rewritten chain", str(position))
        progress(len(seals))
    for lost in sorted(anchors):
        yield Finding("truncated chain", str(lost))
    yield from _strays()


def _batches() -> Iterator[list[AuditSeal]]:
    position = 0
    while batch := list(AuditSeal.objects.filter(position__gt=position).order_by("position")[:BATCH]):
        yield batch
        position = batch[-1].position


def _missing_seals(expected: int, found: int) -> Iterator[Finding]:
    if found != expected:
        yield Finding("missing seals", f"{expected}-{found - 1}")


def _check(previous: bytes, found: AuditSeal, entry: AuditEntry | None, unbound: Collection[UUID]) -> Iterator[Finding]:
    if entry is None:
        yield Finding("deleted entry", f"{found.position} {found.entry_id}")
    elif entry.id in unbound or link(previous, entry) != bytes(found.digest):
        yield Finding("changed or moved entry", f"{found.position} {found.entry_id}")


def _unbound(entries: Collection[AuditEntry]) -> set[UUID]:
    """Entries whose personal parts are not what was written, unless it is told why they were blanked."""
    loose = [(entry, part) for entry in entries for part in PARTS if not is_bound(entry, part)]
    erased = _erased({owner for entry, part in loose for owner in owners_of(entry, part)})
    return {entry.id for entry, part in loose if not _is_told(entry, part, erased)}


def _is_told(entry: AuditEntry, part: str, erased: set[str]) -> bool:
    is_of_erased = is_blank(entry, part) and not erased.isdisjoint(owners_of(entry, part))
    return is_of_erased or (part == "origin" and is_coarsened(entry))


def _erased(people: set[str]) -> set[str]:
    """Those of `people` of whom the trail says that they were taken out of it."""
    told = AuditEntry.objects.filter(action=REDACTED, target_type="user", target_id__in=people)
    return set(told.values_list("target_id", flat=True)) if people else set()


def _strays() -> Iterator[Finding]:
    """Entries that the job passed by: put in later under an old id, or left behind by cut seals."""
    last_sealed = AuditSeal.objects.aggregate(last=Max("sealed_at"))["last"]
    if last_sealed is None:
        return
    for entry in unsealed().filter(id__lt=first_id(last_sealed - LATENESS)).iterator(BATCH):
        yield Finding("entry without a seal", str(entry.id))
