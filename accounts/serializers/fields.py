"""Fields that several stories share."""

import unicodedata
from typing import Any

from rest_framework import serializers

_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}  # part of the spelling of names in Persian, Hindi and others


class NameField(serializers.CharField):
    """A name of somebody or something, in NFC, without characters that hide or turn text around."""

    def to_internal_value(self, data: Any) -> str:
        name = unicodedata.normalize("NFC", super().to_internal_value(data))
        if any(unicodedata.category(letter) in _UNPRINTABLE and letter not in _JOINERS for letter in name):
            raise serializers.ValidationError("Use printable characters only.", code="unprintable")
        return name


class PasswordField(serializers.CharField):
    """A password exactly as typed: nothing of it is trimmed or normalised."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, write_only=True, **options)
