"""Setting headers whose names and values are our own.

Django looks through each name and value for other encodings and line breaks, which only what comes from others can
have. With some ten headers an answer, that is a tenth of the time of a `304`.
"""

from collections.abc import Mapping

from django.http.response import HttpResponseBase


def put(response: HttpResponseBase, name: str, value: str) -> None:
    response.headers._store[name.lower()] = (name, value)


def put_missing(response: HttpResponseBase, headers: Mapping[str, str]) -> None:
    """Set those of the headers that the answer does not have."""
    store = response.headers._store
    for name, value in headers.items():
        store.setdefault(name.lower(), (name, value))
