"""The one form of an e-mail address, whoever writes it and however."""

import pytest
from rest_framework.test import APIClient

from accounts.addresses import canonical, counted_as
from core.errors import Invalid

ZWJ, SOFT_HYPHEN = "\u200d", "\u00ad"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (" Ada@Example.COM ", "ada@example.com"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),  # decomposed, as macOS has it
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@ｅｘａｍｐｌｅ。com", "ada@example.com"),  # noqa: RUF001
        ("ada@faß.example", "ada@xn--fa-hia.example"),
        ("ada@FAẞ.example", "ada@xn--fa-hia.example"),
        ("ada@βόλος.example", "ada@xn--nxasmm1c.example"),
        ("ada@ΒΌΛΟΣ.example", "ada@xn--nxasmq6b.example"),  # browsers know no final letter in capitals either
        (f"ada@क्{ZWJ}ष.example", "ada@xn--11b2ezcw70k.example"),
        (f"ada@ex{SOFT_HYPHEN}ample.com", "ada@example.com"),  # it is never part of a domain
        ("ada@[127.0.0.1]", "ada@[127.0.0.1]"),
    ],
)
def test_canonical__any_spelling__is_the_mailbox_that_mail_servers_see(written: str, stored: str) -> None:
    assert canonical(written) == stored
    assert canonical(stored) == stored
    assert counted_as(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "ada",
        "ada@",
        "@example.com",
        "ada@a..b",
        f"ada@a{ZWJ}b.example",
        "ada@i❤.example",
        "ada@-ä.example",
        "ada@ä_x.example",
        "ad\u0430@example.com",  # Cyrillic
        "ada@" + "ä" * 300 + ".example",
        "ada@" + "a" * 64 + ".example",
    ],
    ids=ascii,
)
def test_canonical__no_mailbox_that_there_can_be__is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        canonical(written)

    assert counted_as(written) == written.lower()


@pytest.mark.django_db
def test_register__domain_with_sharp_s__is_not_that_of_somebody_else(api: APIClient) -> None:
    body = {"email": "ada@faß.example", "password": "quite-Long-9-words"}

    answer = api.post("/v1/auth/register", body, format="json")

    assert answer.json()["user"]["email"] == "ada@xn--fa-hia.example"
