"""Personal data as apps declare it in `<app>/privacy.py`: what is held, why, and what becomes of it.

`privacy/` interprets the declarations: it exports, erases, lets data age, and writes the inventory. A test fails for
every model that declares nothing. Purposes that need consent are declared here too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID

from django.db.models import Q

Find = Callable[[UUID], Q]
"""Given the id of a person, the condition under which a row is theirs."""


class Category(StrEnum):
    """Kinds of personal data, as the labels of app stores ask for them."""

    IDENTITY = "identity"  # names, ids that stand for a person
    CONTACT = "contact"
    CREDENTIAL = "credential"
    DEVICE = "device"
    NETWORK = "network"  # addresses of machines, user agents
    LOCATION = "location"
    CONTENT = "content"  # what people write
    ACTIVITY = "activity"  # what people did, and when
    PREFERENCE = "preference"
    FINANCE = "finance"


class Basis(StrEnum):
    """The legal bases of GDPR, article 6, paragraph 1, that we rely on."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal obligation"
    LEGITIMATE_INTEREST = "legitimate interest"


@dataclass(frozen=True, slots=True)
class Data:
    """Fields of one kind. What is left empty is as their model's declaration says."""

    category: Category
    names: tuple[str, ...]
    purpose: str = ""
    basis: Basis | None = None
    retention: str = ""
    shared_with: tuple[str, ...] = ()


def data(category: Category, names: str, **differing: Any) -> Data:
    """`data(Category.DEVICE, "name model")`: field names, separated by spaces."""
    return Data(category, tuple(names.split()), **differing)


@dataclass(frozen=True, slots=True)
class Delete:
    """Erasure deletes the rows."""


@dataclass(frozen=True, slots=True)
class Anonymise:
    """Erasure overwrites these fields; a callable gets the row. `kept` says why the rest of the row stays."""

    values: Mapping[str, Any]
    kept: str


@dataclass(frozen=True, slots=True)
class Retain:
    """Erasure leaves the rows as they are, because they must stay and name nobody but by a pseudonym."""

    reason: str
    until: str


@dataclass(frozen=True, slots=True)
class Goes:
    """The rows go, or stay, together with those of another declaration; `along` names its collection."""

    along: str


@dataclass(frozen=True, slots=True)
class Perform:
    """Erasure calls `run` with the person's id; it returns how many rows it dealt with.

    It must be safe to run again, and may raise `NotYet`. `kept` says what stays and why, if anything does.
    """

    run: Callable[[UUID], int]
    kept: str = ""
    until: str = ""


Erasure = Delete | Anonymise | Retain | Goes | Perform


class NotYet(Exception):
    """This part of an erasure has to wait for work in progress; it is tried again shortly."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that belongs to a row: its `name` in the storage that settings call `storage`."""

    name: str
    storage: str = "private"
    is_exported: bool = True


@dataclass(frozen=True, slots=True)
class Ageing:
    """What happens to rows that grow old: changed, or deleted where there is no `change`.

    Args:
        name: stable, as progress is remembered under it: `sessions.coarsen_addresses`.
        after: the age, counted from `since`.
        since: the field that holds the moment from which a row ages.
        within: the condition for rows of a span of time, where an index serves it better than `since` would.
        change: the new values of a row's fields; an empty mapping leaves the row alone.
        where: the rows that the rule is about.
    """

    name: str
    after: timedelta
    since: str
    within: Callable[[datetime, datetime], Q] | None = None
    change: Callable[[Any], Mapping[str, Any]] | None = None
    where: Q = field(default_factory=Q)


@dataclass(frozen=True, slots=True)
class Personal:
    """The personal data in one table.

    Args:
        model: the Django model class.
        collection: the public name: of the file in an export, and in the inventory.
        of: how a person's rows are found.
        purpose, basis, retention, shared_with: of all fields that do not say otherwise.
        data: every field of the model but its key and the bookkeeping that all tables have.
        erase: what erasure does.
        not_exported: why the rows are left out of exports, if they are.
        withheld: fields that exports leave out, with the reason.
        columns: what an export shows beside the fields, as a query names it: `group__name`.
        files: the files that belong to a row.
        ageing: what happens to old rows.
        last: erased after all others, because rows of theirs are found through these.
    """

    model: Any
    collection: str
    of: Find
    purpose: str
    basis: Basis
    retention: str
    data: tuple[Data, ...]
    erase: Erasure
    shared_with: tuple[str, ...] = ()
    not_exported: str = ""
    withheld: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    files: Callable[[Any], Iterable[StoredFile]] | None = None
    ageing: tuple[Ageing, ...] = ()
    last: bool = False

    @property
    def app(self) -> str:
        label: str = self.model._meta.app_label
        return label


_personal: dict[str, Personal] = {}
_impersonal: dict[str, str] = {}


def personal(model: Any, collection: str, *, of: str | Find, data: Iterable[Data], **given: Any) -> Personal:
    """Declare the personal data of a model. `of` may be the path of its owner: `user`, `event__owner`."""
    known = _personal.get(collection)
    if known is not None and known.model is not model:
        raise ValueError(f"Two models hold the personal data {collection!r}.")
    find = owned_by(of) if isinstance(of, str) else of
    declaration = Personal(model, collection, find, data=tuple(data), **given)
    _personal[collection] = declaration
    return declaration


def owned_by(path: str) -> Find:
    return lambda user_id: Q(**{path: user_id})


def impersonal(*models: Any, why: str) -> None:
    """Declare that the rows of these models tell nothing of any person."""
    for model in models:
        _impersonal[model._meta.label] = why


def personal_data() -> tuple[Personal, ...]:
    """Every declaration, in the order it was made."""
    return tuple(_personal.values())


def impersonal_models() -> Mapping[str, str]:
    """Model label -> why."""
    return _impersonal


@dataclass(frozen=True, slots=True)
class Purpose:
    """Something we do only as long as people let us.

    Args:
        name: stable: `marketing_email`.
        title: for people.
        texts: what was and is asked, by version, newest last; a published text is never edited.
        assumed: whether it is done until somebody objects (an opt-out) and not only after they agreed.
    """

    name: str
    title: str
    texts: tuple[str, ...]
    assumed: bool = False

    @property
    def version(self) -> int:
        return len(self.texts)

    @property
    def text(self) -> str:
        return self.texts[-1]

    def digest(self, version: int) -> str:
        return sha256(self.texts[version - 1].encode()).hexdigest()


_purposes: dict[str, Purpose] = {}


def consent_purpose(purpose: Purpose) -> Purpose:
    _purposes[purpose.name] = purpose
    return purpose


def consent_purposes() -> tuple[Purpose, ...]:
    return tuple(_purposes[name] for name in sorted(_purposes))


@dataclass(frozen=True, slots=True)
class Revoked:
    """How taking back what others hold on a person's behalf went; kept as evidence and told in the receipt.

    Args:
        outcome: `revoked`, `nothing` where there was nothing to revoke, or `failed` where it is useless to try again.
        detail: what was done or answered, without secrets.
        by_hand: how the person does it themselves, where it failed.
    """

    outcome: str
    detail: str = ""
    by_hand: str = ""


@dataclass(frozen=True, slots=True)
class Revocation:
    """Access that somebody outside must be told to end, such as Apple's tokens.

    `run` gets the person's id before anything of theirs is erased, may be called again after a crash, and raises
    when it is worth trying later. After the last try the erasure goes on without it, and the receipt says `by_hand`.
    """

    name: str
    run: Callable[[UUID], Revoked]
    by_hand: str


_revocations: dict[str, Revocation] = {}


def revocation(name: str, *, by_hand: str) -> Callable[[Callable[[UUID], Revoked]], Callable[[UUID], Revoked]]:
    """Declare what must be told to others when somebody's account is erased."""

    def declare(run: Callable[[UUID], Revoked]) -> Callable[[UUID], Revoked]:
        _revocations[name] = Revocation(name, run, by_hand)
        return run

    return declare


def revocations() -> tuple[Revocation, ...]:
    return tuple(_revocations[name] for name in sorted(_revocations))


def coarse_address(address: str | None) -> str:
    """The network of an address: three numbers of IPv4, 48 bits of IPv6; nothing of anything else."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ip_network((parsed.packed, 24 if parsed.version == 4 else 48), strict=False).network_address)
