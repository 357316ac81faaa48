"""Prints fresh token pairs of every user, as `{email: {access, refresh}}`."""

import json

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from rest_framework_simplejwt.tokens import RefreshToken


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: object, **options: object) -> None:
        pairs = {user.email: RefreshToken.for_user(user) for user in User.objects.all()}
        printed = {email: {"access": str(pair.access_token), "refresh": str(pair)} for email, pair in pairs.items()}
        self.stdout.write(json.dumps(printed))
