"""Generated pages of `docs/generated/`, as apps declare them in `<app>/catalogue.py`."""

from collections.abc import Callable

_pages: dict[str, Callable[[], str]] = {}


def catalogue(page: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Declare that a function renders `docs/generated/<page>.md` from code."""

    def declare(render: Callable[[], str]) -> Callable[[], str]:
        _pages[page] = render
        return render

    return declare


def catalogue_pages() -> dict[str, Callable[[], str]]:
    return dict(sorted(_pages.items()))
