"""Mail: a text and a simple HTML body from templates, sent by slow subscribers to what happened.

A template named `accounts/mail/hello` is a folder of three: `subject.txt`, `body.txt`, `body.html`. Without a mail
server, messages land as files under `outbox/mail/`. Not here: whom to write to and when, nor notifications.
"""

from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def deliver(template: str, *, to: str, context: Mapping[str, Any]) -> None:
    """Mail `template` to one address, here and now: for subscribers, whose event the outbox keeps until it is sent."""
    values = dict(context)
    subject = " ".join(render_to_string(f"{template}/subject.txt", values).split())  # one line, so no header of its own
    message = EmailMultiAlternatives(subject, render_to_string(f"{template}/body.txt", values), to=[to])
    message.attach_alternative(render_to_string(f"{template}/body.html", values), "text/html")
    message.send()
