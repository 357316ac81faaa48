"""Fills the plain project: reads `[{email, password, events}]` as JSON from standard input."""

import json
import sys

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand

from tutorial.models import Event


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: object, **options: object) -> None:
        people = json.load(sys.stdin)
        hashes = {password: make_password(password) for password in {person["password"] for person in people}}
        rows = [
            User(username=person["email"], email=person["email"], password=hashes[person["password"]])
            for person in people
        ]
        owners = User.objects.bulk_create(rows)
        Event.objects.bulk_create(
            [
                Event(owner=owner, **event)
                for owner, person in zip(owners, people, strict=True)
                for event in person["events"]
            ],
            batch_size=1000,
        )
