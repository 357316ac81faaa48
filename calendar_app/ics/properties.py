"""The properties of our own by which an exported event comes back as it was."""

PREFIX = "X-GIGVORA-"

# property -> field; plain text both ways
TEXT_FIELDS = {
    f"{PREFIX}TYPE": "event_type",
    f"{PREFIX}STATUS": "status",
    f"{PREFIX}VISIBILITY": "visibility",
    f"{PREFIX}COLOR": "color_hex",
    f"{PREFIX}RELATED-TYPE": "related_entity_type",
    f"{PREFIX}RELATED-ID": "related_entity_id",
    f"{PREFIX}CANCELLATION-REASON": "cancellation_reason",
}
TIMEZONE = f"{PREFIX}TIMEZONE"  # of all-day events, whose dates carry none
FOCUS = f"{PREFIX}FOCUS"
METADATA = f"{PREFIX}METADATA"
