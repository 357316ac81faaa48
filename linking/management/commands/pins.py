"""Tell the pins of certificates, and the key that apps verify pin sets with."""

import json
from pathlib import Path
from typing import Any

from cryptography import x509
from django.core.management.base import BaseCommand, CommandError, CommandParser

from linking.pins import pin_of, public_jwk


class Command(BaseCommand):
    help = "Print the pin of each certificate (PEM), to be put into CERTIFICATE_PINS, and the public key of pin sets."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("certificates", nargs="*", type=Path, metavar="CERTIFICATE.pem")

    def handle(self, *args: Any, certificates: list[Path], **options: Any) -> None:
        for path in certificates:
            self.stdout.write(f"{_pin(path)}  {path}")
        self.stdout.write(f"Apps verify pin sets with {json.dumps(public_jwk())}")


def _pin(path: Path) -> str:
    try:
        return pin_of(x509.load_pem_x509_certificate(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} is no certificate in PEM.") from error
