"""The access catalogue: what each route asks for, and who holds what from the start."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings

from core.contributions.catalogues import catalogue
from core.contributions.scopes import Persona, declared_scopes
from core.http.access import ADMIN, MOBILE, WEB, Access, Audience, Declaration, Public
from core.http.routing import routes

_GROUPS = {"mobile": MOBILE, "web": WEB, "admin": ADMIN}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@catalogue("access")
def render() -> str:
    """`docs/generated/access.md`: routes by method, scope and audience; scopes by persona."""
    return "\n".join(
        [
            "# Access",
            "",
            "## Routes",
            "",
            "| route | method | scope | audiences | |",
            "|---|---|---|---|---|",
            *sorted(set(_route_rows())),
            "",
            "## Scopes and the personas that hold them from the start",
            "",
            f"| scope | allows | {' | '.join(Persona)} |",
            f"|---|---|{'---|' * len(Persona)}",
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


def _route_rows() -> Iterator[str]:
    for path, pattern, declaration in routes():
        if declaration is None:
            continue
        if path.startswith(f"/{settings.STAFF_PATH}"):
            yield _row("/(staff path)/…", "any", declaration)
            continue
        for method in methods_of(pattern.callback):
            yield _row(path, method, declaration)


def _row(path: str, method: str, declaration: Declaration) -> str:
    shown = path.replace("|", "\\|")
    if isinstance(declaration, Public):
        return f"| `{shown}` | {method} | | everybody | {declaration.why} |"
    scope = declaration.scope_for(method)
    asked = f"`{scope}`" if scope else "(signed in)"
    return f"| `{shown}` | {method} | {asked} | {_named(declaration.audiences)} | {_remark(declaration)} |"


def _remark(declaration: Access) -> str:
    return "grants are audited" if declaration.sensitive else ""


def _named(audiences: Iterable[Audience]) -> str:
    given = set(audiences)
    return ", ".join(name for name, members in _GROUPS.items() if members & given)


def _scope_rows() -> Iterator[str]:
    for scope in declared_scopes():
        included = f" Included in {', '.join(f'`{wider}`' for wider in scope.implied_by)}." if scope.implied_by else ""
        holders = " | ".join("●" if persona in scope.personas else "" for persona in Persona)
        yield f"| `{scope.name}` | {scope.description}{included} | {holders} |"
