"""Make the first admin, or one more in an emergency."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.services import appoint_admin
from core.errors import AppError


class Command(BaseCommand):
    help = "Give somebody the role admin without a second admin's approval. It is put on record as breaking the glass."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="Why; kept in the audit trail.")
        parser.add_argument("--emergency", action="store_true", help="Also while there are two admins.")

    def handle(self, *args: Any, email: str, reason: str, emergency: bool, **options: Any) -> None:
        try:
            user = get_user_model().objects.get_by_natural_key(email)
            appoint_admin(user_id=user.pk, reason=reason, is_emergency=emergency)
        except ObjectDoesNotExist:
            raise CommandError(f"There is no user {email!r}.") from None
        except AppError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"{email} is an admin from now on.")
