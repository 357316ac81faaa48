"""Mail: a text and a simple HTML body from templates, sent by slow subscribers to what happened.

A template named `accounts/mail/hello` is a folder of three: `subject.txt`, `body.txt`, `body.html`. Without a mail
server, messages land as files under `outbox/mail/`. Not here: whom to write to and when, nor notifications.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.module_loading import import_string


def deliver(template: str, *, to: str, context: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
    """Mail `template` to one address, here and now: for subscribers, whose event the outbox keeps until it is sent.

    `headers` are added, such as a `Message-ID` that stays the same when a mail is sent again.
    Nothing is sent to an address whose owner has stopped its mail, of which `settings.MAIL_STOPPED` knows.
    """
    if _is_stopped(settings.MAIL_STOPPED)(to):
        return
    values = dict(context)
    subject = " ".join(render_to_string(f"{template}/subject.txt", values).split())  # one line, so no header of its own
    message = EmailMultiAlternatives(
        subject, render_to_string(f"{template}/body.txt", values), to=[to], headers=dict(headers or {})
    )
    message.attach_alternative(render_to_string(f"{template}/body.html", values), "text/html")
    message.send()


@cache
def _is_stopped(path: str) -> Callable[[str], bool]:
    asked: Callable[[str], bool] = import_string(path)
    return asked
