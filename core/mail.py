"""Mail: a text and a simple HTML body from templates, sent by a job after the commit.

A template named `accounts/mail/hello` is a folder of three: `subject.txt`, `body.txt`, `body.html`. Without a mail
server, messages land as files under `outbox/mail/`. Not here: whom to write to and when, nor notifications.
"""

from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from core.jobs import enqueue


def send(template: str, *, to: str, context: Mapping[str, Any]) -> None:
    """Mail `template` to one address once the transaction has committed. `context` holds plain JSON values.

    Never a secret: arguments of jobs stand in the broker. What must stay secret is made in a job, which calls
    `deliver`.
    """
    enqueue("core.deliver_mail", template, to, dict(context))


def deliver(template: str, *, to: str, context: Mapping[str, Any]) -> None:
    """Mail `template` to one address, here and now. For jobs."""
    values = dict(context)
    subject = " ".join(render_to_string(f"{template}/subject.txt", values).split())  # one line, so no header of its own
    message = EmailMultiAlternatives(subject, render_to_string(f"{template}/body.txt", values), to=[to])
    message.attach_alternative(render_to_string(f"{template}/body.html", values), "text/html")
    message.send()
