"""The access catalogue: what each route asks for, who may pass from the start, and what needs nobody's permission."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from access.policy import spelt_out
from core.contributions.catalogues import catalogue
from core.contributions.scopes import STAFF, Persona, declared_scopes
from core.http.access import ADMIN, MOBILE, WEB, Access, Audience, Declaration, Public
from core.http.routing import routes

_GROUPS = {"mobile": MOBILE, "web": WEB, "admin": ADMIN}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SURFACES = ("/v1/", "/api/", "/mobile/v2/")
_STAFF = "/(staff path)/"
_INTRODUCTION = """\
Every route, with what it asks of a caller, in the order in which it is asked: a kind of app (the token's audience), a
scope (which the token must allow and a role must give at that moment), a device attested at least so well, and for
some methods a proof of who is asking that is a few minutes old. ● marks the personas that pass from the start; staff
may change what roles hold. Which rows somebody sees is a matter of the rows: their own, their workspace's, and what was
shared with them. Staff routes answer everybody else as if they did not exist."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One route and method under the surfaces that serve it."""

    path: str
    method: str
    declaration: Declaration


@catalogue("access")
def render() -> str:
    """`docs/generated/access.md`."""
    guarded, public = _sections(Access), _sections(Public)
    return "\n".join(
        [
            "# Access",
            "",
            _INTRODUCTION,
            "",
            "Paths stand under `/v1`, and where they are marked so under `/api` as well.",
            "",
            *(line for section, entries in guarded.items() for line in _guarded_table(section, entries)),
            "## Routes for everybody",
            "",
            "| route | method | why |",
            "|---|---|---|",
            *(_public_row(entry, marks) for entries in public.values() for entry, marks in entries),
            "",
            "## Scopes and the personas that hold them from the start",
            "",
            f"| scope | allows | {' | '.join(Persona)} |",
            f"|---|---|{':-:|' * len(Persona)}",
            *_scope_rows(),
            "",
        ]
    )


def methods_of(callback: Callable[..., Any]) -> tuple[str, ...]:
    """The methods that a view answers, OPTIONS and HEAD aside; a plain function may answer any."""
    actions = getattr(callback, "actions", None)
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if actions:
        return tuple(method for method in _METHODS if method.lower() in actions)
    return tuple(method for method in _METHODS if hasattr(view, method.lower())) if view else ("GET",)


def _sections(kind: type[Access | Public]) -> dict[str, list[tuple[Entry, str]]]:
    """Routes with one kind of declaration by the resource they begin with, each with its marks; both sorted."""
    surfaces: dict[Entry, set[str]] = defaultdict(set)
    for path, entry in _entries():
        if isinstance(entry.declaration, kind):
            surfaces[entry].add(path)
    sections: dict[str, list[tuple[Entry, str]]] = defaultdict(list)
    for entry in sorted(surfaces, key=lambda entry: (entry.path, _METHODS.index(entry.method))):
        marks = " and `/api`" if surfaces[entry] >= {"/v1/", "/api/"} else ""
        sections[_section_of(entry.path)].append((entry, marks))
    return dict(sorted(sections.items()))


def _entries() -> Iterator[tuple[str, Entry]]:
    """Each route as `(surface, entry)`; what stands under /v1 and /api alike is one entry."""
    for path, pattern, declaration in routes():
        if declaration is None:
            continue
        staff_root = f"/{settings.STAFF_PATH}"
        if path.startswith(staff_root) and not path.startswith(f"{staff_root}api/"):
            yield "", Entry(f"{_STAFF}…", "GET", declaration)
            continue
        surface = next((root for root in _SURFACES if path.startswith(root)), "")
        shown = path.replace(staff_root, _STAFF, 1) if path.startswith(staff_root) else path
        for method in methods_of(pattern.callback):
            yield surface, Entry(shown.replace("/api/", "/v1/", 1) if surface else shown, method, declaration)


def _section_of(path: str) -> str:
    if path.startswith(_STAFF):
        return "staff"
    rest = next((path.removeprefix(root) for root in _SURFACES if path.startswith(root)), path.strip("/"))
    return rest.partition("/")[0].partition("<")[0] or "/"


def _guarded_table(section: str, entries: Iterable[tuple[Entry, str]]) -> Iterator[str]:
    yield f"## {section}"
    yield ""
    yield f"| route | method | scope | {' | '.join(Persona)} | apps | besides |"
    yield f"|---|---|---|{':-:|' * len(Persona)}---|---|"
    for entry, marks in entries:
        yield _guarded_row(entry, marks)
    yield ""


def _guarded_row(entry: Entry, marks: str) -> str:
    declaration: Any = entry.declaration
    scope = declaration.scope_for(entry.method)
    held = " | ".join("●" if _passes(persona, declaration, scope) else "" for persona in Persona)
    asked = f"`{scope}`" if scope else "(signed in)"
    apps = _named(declaration.audiences)
    method = "any" if entry.path.endswith("…") else entry.method
    return f"| `{_escaped(entry.path)}`{marks} | {method} | {asked} | {held} | {apps} | {_besides(entry)} |"


def _public_row(entry: Entry, marks: str) -> str:
    declaration: Any = entry.declaration
    return f"| `{_escaped(entry.path)}`{marks} | {entry.method} | {declaration.why} |"


def _besides(entry: Entry) -> str:
    declaration: Any = entry.declaration
    asked = [
        f"device attested: {declaration.assurance.name.lower()}" if declaration.assurance else "",
        "fresh proof" if entry.method in declaration.step_up else "",
        "grants are audited" if declaration.sensitive else "",
    ]
    return ", ".join(filter(None, asked))


def _passes(persona: Persona, declaration: Access, scope: str) -> bool:
    """Whether whoever holds the persona gets past the scope; without one, into staff routes goes whoever is staff."""
    if scope:
        return scope in _held_by(persona)
    return not declaration.is_staff_only or persona in STAFF


def _held_by(persona: Persona) -> frozenset[str]:
    return spelt_out(scope.name for scope in declared_scopes() if persona in scope.personas)


def _named(audiences: Iterable[Audience]) -> str:
    given = set(audiences)
    return ", ".join(name for name, members in _GROUPS.items() if members & given)


def _escaped(path: str) -> str:
    return path.replace("|", "\\|")


def _scope_rows() -> Iterator[str]:
    for scope in declared_scopes():
        included = f" Included in {', '.join(f'`{wider}`' for wider in scope.implied_by)}." if scope.implied_by else ""
        holders = " | ".join("●" if scope.name in _held_by(persona) else "" for persona in Persona)
        yield f"| `{scope.name}` | {scope.description}{included} | {holders} |"
