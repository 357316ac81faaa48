"""Which addresses of strangers may be called: public ones, after their names are resolved, and no other.

Names are looked up once for each connection, and the connection goes to the address that was checked, so a name
that changes its mind in between (DNS rebinding) gains nothing.
"""

import ipaddress
import re
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings

from core.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_LENGTH = 2048
LOOK_UP = 3.0  # seconds, while whoever gave us an address waits
PORTS = {"https": 443, "http": 80}
# What `is_global` of the standard library lets pass, or lets pass in some of its versions.
_CLOSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and the metadata service of one cloud
        "168.63.129.16/32",  # the metadata service of another
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "240.0.0.0/4",
        "::/96",  # IPv4-compatible
        "64:ff9b::/96",  # NAT64, which leads to any IPv4 address
        "64:ff9b:1::/48",
        "2001::/23",  # Teredo, ORCHID and their like
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local
    )
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")


class UrlNotAllowed(Invalid):
    code = "url_not_allowed"
    detail = "This address cannot be called. Use a public http or https address on the usual port."


def check_url(url: str) -> None:
    """Refuse an address that is not, at this moment, a public one. Sending checks it again.

    Raises:
        UrlNotAllowed: by its spelling, its port, or what its name resolves to. A name that does not resolve passes,
            as does one whose server keeps us waiting.
    """
    import httpcore  # noqa: PLC0415

    from core.outbound.deadlines import in_time, within  # noqa: PLC0415

    host, port = parts_of(url)
    with suppress(OSError, httpcore.TimeoutException), within(LOOK_UP):
        in_time(lambda: public_addresses(host, port))


def parts_of(url: str) -> tuple[str, int]:
    """Host and port of an address that is spelt plainly.

    Raises:
        UrlNotAllowed: another scheme or port, credentials, a number that stands for an address, tricks with dots or
            brackets, whatever the library that sends would read differently or not at all.
    """
    if len(url) > MAX_LENGTH or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise UrlNotAllowed  # international names are written in their ASCII form, `xn--…`
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UrlNotAllowed from error
    host = parts.hostname or ""
    if parts.scheme not in PORTS or "@" in parts.netloc or not _is_plain(host):
        raise UrlNotAllowed
    if ("[" in parts.netloc) != (":" in host):
        raise UrlNotAllowed  # in brackets stands an IPv6 address, and nothing else
    usual = PORTS[parts.scheme]
    if port not in {None, usual} and not _is_excepted(host, port or usual):
        raise UrlNotAllowed
    if not _is_read_alike(url, host, port or usual):
        raise UrlNotAllowed
    return host, port or usual


def is_public(address: Address) -> bool:
    if getattr(address, "ipv4_mapped", None) is not None:
        return False  # an IPv4 address in disguise; whoever means well can write it plainly
    is_closed = any(address in network for network in _CLOSED if network.version == address.version)
    return address.is_global and not address.is_multicast and not is_closed


def public_addresses(host: str, port: int) -> list[str]:
    """The addresses to connect to, looked up this once.

    Raises:
        UrlNotAllowed: one of them is not public; a name that leads both ways is a trick.
        OSError: the name does not resolve.
    """
    found = resolve(host, port)
    if not _is_excepted(host, port) and not all(is_public(ipaddress.ip_address(address)) for address in found):
        raise UrlNotAllowed
    return found


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]).partition("%")[0] for answer in answers]


def _is_plain(host: str) -> bool:
    """A dotted name, or an address in its one canonical spelling."""
    try:
        return str(ipaddress.ip_address(host)) == host and "%" not in host
    except ValueError:
        labels = host.split(".")
    is_name = len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    return is_name and not _NUMERIC.fullmatch(labels[-1])  # as browsers read it, a number at the end is an address


def _is_read_alike(url: str, host: str, port: int) -> bool:
    """Whether the library that sends reads the same host and port as we have checked."""
    import httpx  # noqa: PLC0415

    try:
        read = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return (read.raw_host.decode().lower(), read.port or PORTS[read.scheme]) == (host, port)


def _is_excepted(host: str, port: int) -> bool:
    """Receivers inside of the own network, which the operator has named."""
    return f"{host}:{port}" in settings.OUTBOUND_PRIVATE_HOSTS
