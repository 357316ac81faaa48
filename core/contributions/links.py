"""Universal links as apps declare them in `<app>/links.py`: what stands under `/l/…`, for people without the app."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UniversalLink:
    """Everything at and below one path.

    Args:
        prefix: below `/l/`, such as `calendar/events`. Of several that fit, the longest is taken.
        title: what the link leads to, for a stranger's eyes: nothing of what is behind it.
        description: one sentence that says what to do.
        is_personal: whether the page is of use to nobody but its addressee, so that it must not be indexed.
    """

    prefix: str
    title: str
    description: str
    is_personal: bool = True


_links: dict[str, UniversalLink] = {}


def declare_links(*links: UniversalLink) -> None:
    for link in links:
        _links[link.prefix] = link


def find_link(path: str) -> UniversalLink | None:
    """The declaration that a path below `/l/` falls under."""
    parts = path.strip("/").split("/")
    prefixes = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((_links[prefix] for prefix in prefixes if prefix in _links), None)
