"""Mounting routes, and finding those that declare no access.

The check runs with `manage.py check`, and from `asgi.py` and `wsgi.py`, because servers run no checks.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, cast

from django.conf import settings
from django.core import checks
from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver, get_resolver

from core.http.access import Access, Public


def mount(declaration: Access | Public, *routes: URLPattern | URLResolver) -> list[URLPattern | URLResolver]:
    """Declare access for views that are not ours, such as a library's pages."""
    for route in routes:
        route.access = declaration  # type: ignore[union-attr]
    return list(routes)


def declared_access(callback: Callable[..., Any]) -> Access | Public | None:
    """The declaration of a view function, of its class, or of none."""
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None) or callback
    declaration = getattr(view, "access", None)
    return declaration if isinstance(declaration, Access | Public) else None


def routes(
    patterns: Iterable[URLPattern | URLResolver] | None = None,
    prefix: str = "/",
    inherited: Access | Public | None = None,
) -> Iterator[tuple[str, URLPattern, Access | Public | None]]:
    """Every route as `(path, pattern, declaration)`, depth first."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern).removeprefix("^")
        declaration = getattr(entry, "access", inherited)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, path, declaration)
        else:
            yield path, entry, declaration or declared_access(entry.callback)


def declaration_of(match: ResolverMatch) -> Access | Public | None:
    """The declaration of the route that a request was matched to. Other URLconfs than the root have none."""
    return _declarations(settings.ROOT_URLCONF).get("/" + match.route.removeprefix("^"))


_ADDRESSES_REMEMBERED = 4096
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def remember_routes() -> None:
    """Let Django look through all its patterns once for each shape of address, and not in every request.

    Addresses that differ in nothing but ids are of one shape, and no route asks for one id by name. The first of
    them is matched by every pattern in turn; the others by those alone that lead to its route.
    """
    resolver = get_resolver()
    resolve: Callable[[Any], ResolverMatch] = resolver.resolve
    fixed: dict[str, ResolverMatch] = {}
    ways: dict[str, URLPattern | URLResolver] = {}

    def remembering(path: Any) -> ResolverMatch:
        match = fixed.get(path)
        if match is not None:
            return match
        shape = _ID.sub("*", path)
        if (way := ways.get(shape)) is not None:
            return cast("ResolverMatch", way.resolve(path))
        match = resolve(path)
        if len(fixed) + len(ways) < _ADDRESSES_REMEMBERED:
            if not match.args and not match.kwargs:
                fixed[path] = match
            elif shape != path:
                ways[shape] = _way(resolver, path)
        return match

    resolver.resolve = remembering  # type: ignore[method-assign]


def _way(entry: URLPattern | URLResolver, path: str) -> URLPattern | URLResolver:
    """The entry with nothing below it but what leads to the route of `path`."""
    if isinstance(entry, URLPattern):
        return entry
    matched = entry.pattern.match(path)
    assert matched, "The path has been resolved."
    [below] = islice((child for child in entry.url_patterns if _resolves(child, matched[0])), 1)
    only = [_way(below, matched[0])]
    return URLResolver(entry.pattern, only, entry.default_kwargs, entry.app_name, entry.namespace)


def _resolves(entry: URLPattern | URLResolver, path: str) -> bool:
    try:
        return entry.resolve(path) is not None
    except Resolver404:
        return False


@lru_cache(maxsize=4)
def _declarations(urlconf: str) -> dict[str, Access | Public]:
    """Declarations by path; where two routes have the same, Django serves the first."""
    found: dict[str, Access | Public] = {}
    for path, _, declaration in routes(get_resolver(urlconf).url_patterns):
        if declaration is not None:
            found.setdefault(path, declaration)
    return found


@checks.register("access")
def check_access_is_declared(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    return [
        checks.Error(
            f"The route {path} declares no access.",
            hint="Give its view `access = Access(...)` or `access = Public('why')`, or mount() the tree with one.",
            id="access.E001",
        )
        for path, _, declaration in routes()
        if declaration is None
    ]
