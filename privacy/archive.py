"""Writing a person's data as a zip of JSON files, row after row: constant memory, whatever there is of them."""

import base64
import shutil
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from pathlib import PurePosixPath
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson
from django.core.files.storage import storages
from django.utils import timezone

from core.contributions.privacy import Personal
from privacy.inventory import BOOKKEEPING, declarations
from privacy.shredder import batches, of

SCHEMA = 1
MANIFEST = "manifest.json"
SOURCES = "The person, their use of the platform, and people who work with them."
Progress = Callable[[float], None]


def write(target: IO[bytes], *, user_id: UUID, progress: Progress) -> dict[str, int]:
    """Write the archive; rows by collection. `progress` is called with the finished share, at least once a batch."""
    exported = [personal for personal in declarations() if not personal.not_exported]
    counts: dict[str, int] = {}
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for place, personal in enumerate(exported):
            beat = partial(progress, place / len(exported))
            counts[personal.collection] = _write_collection(archive, personal, user_id, beat)
        archive.writestr(_member(MANIFEST), orjson.dumps(manifest(user_id, counts), option=orjson.OPT_INDENT_2))
    progress(1.0)
    return counts


def manifest(user_id: UUID, counts: Mapping[str, int]) -> dict[str, Any]:
    """What is in the archive and what is not, why it is held, for how long, and who else gets it."""
    return {
        "schema": SCHEMA,
        "generated_at": timezone.now(),
        "account": user_id,
        "sources": SOURCES,
        "collections": [_described(each, counts[each.collection]) for each in declarations() if not each.not_exported],
        "left_out": [
            {"name": each.collection, "why": each.not_exported} for each in declarations() if each.not_exported
        ],
    }


def columns_of(personal: Personal) -> list[str]:
    """What an export shows of a row."""
    annotated = [name for data in personal.data for name in data.names if name not in personal.withheld]
    kept = [field.name for field in personal.model._meta.concrete_fields if field.name in BOOKKEEPING - {"rev"}]
    return [*kept, *annotated, *personal.columns]


def _write_collection(archive: ZipFile, personal: Personal, user_id: UUID, beat: Callable[[], None]) -> int:
    rows = 0
    with archive.open(_member(f"{personal.collection}.json"), "w", force_zip64=True) as file:
        file.write(b"[")
        for row in _rows(personal, user_id, beat):
            file.write(b",\n" if rows else b"\n")
            file.write(orjson.dumps(row, default=_plain))
            rows += 1
        file.write(b"\n]\n")
    if personal.files is not None:
        _copy_files(archive, personal, user_id, beat)
    return rows


def _rows(personal: Personal, user_id: UUID, beat: Callable[[], None]) -> Iterator[dict[str, Any]]:
    """The rows as JSON values. Related names need a query of their own, so that a batch stays one of instances."""
    columns = columns_of(personal)
    for batch in batches(of(personal, user_id)):
        keys = [row.pk for row in batch]
        yield from personal.model._base_manager.filter(pk__in=keys).order_by("pk").values(*columns)
        beat()


def _copy_files(archive: ZipFile, personal: Personal, user_id: UUID, beat: Callable[[], None]) -> None:
    assert personal.files is not None
    for batch in batches(of(personal, user_id)):
        for row in batch:
            for file in personal.files(row):
                storage = storages[file.storage]
                if file.is_exported and storage.exists(file.name):
                    name = f"files/{personal.collection}/{row.pk}/{PurePosixPath(file.name).name}"
                    with storage.open(file.name) as source, archive.open(_member(name), "w", force_zip64=True) as copy:
                        shutil.copyfileobj(source, copy)
                    beat()


def _member(name: str) -> ZipInfo:
    member = ZipInfo(name, timezone.now().timetuple()[:6])
    member.compress_type = ZIP_DEFLATED
    return member


def _described(personal: Personal, rows: int) -> dict[str, Any]:
    return {
        "name": personal.collection,
        "file": f"{personal.collection}.json",
        "rows": rows,
        "purpose": personal.purpose,
        "basis": personal.basis,
        "retention": personal.retention,
        "recipients": personal.shared_with,
        "fields": {name: data.category for data in personal.data for name in data.names},
        "withheld": dict(personal.withheld),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"An export cannot show a {type(value).__name__}.")
