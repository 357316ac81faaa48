"""Fields of input that several apps have."""

import re
import unicodedata
from datetime import datetime
from typing import Any

from rest_framework import serializers

# Controls, and marks that turn text around; those that a script needs to join its letters stay.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class TextField(serializers.CharField):
    """Text in one normal form (NFC) and without control characters; lengths count code points."""

    def to_internal_value(self, data: Any) -> str:
        text = unicodedata.normalize("NFC", super().to_internal_value(data))
        if _CONTROLS.search(text):
            raise serializers.ValidationError("Control characters are not allowed.", code="control_character")
        return text


class MomentField(serializers.DateTimeField):
    """An RFC 3339 time; one without an offset could mean any moment of a day."""

    def to_internal_value(self, value: Any) -> datetime:
        if isinstance(value, str) and not re.search(r"([zZ]|[+-]\d\d:\d\d)$", value):
            raise serializers.ValidationError("Add the offset from UTC, such as Z or +01:00.", code="offset_missing")
        return super().to_internal_value(value)
