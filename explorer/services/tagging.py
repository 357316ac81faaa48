"""Fields of expertise: the vocabulary grows by what owners write, and each keeps its first label."""

from collections.abc import Sequence
from typing import Any

from core.errors import Invalid
from explorer.models import Listing, ListingTag, Tag
from explorer.types import TagGiven


def shown(tags: Sequence[TagGiven]) -> dict[str, Any]:
    """The columns of a listing with these tags, the weightiest first. New ones join the vocabulary.

    Raises:
        Invalid: one is given twice.
    """
    slugs = sorted({tag["slug"] for tag in tags})
    if len(slugs) < len(tags):
        raise Invalid.field("expertise_tags", "A tag is given twice.", "duplicate")
    labels = dict(Tag.objects.filter(slug__in=slugs).values_list("slug", "label")) if slugs else {}
    if missing := [tag for tag in tags if tag["slug"] not in labels]:
        new = [Tag(slug=tag["slug"], label=tag["label"]) for tag in sorted(missing, key=lambda tag: tag["slug"])]
        Tag.objects.bulk_create(new, ignore_conflicts=True)
        labels |= dict(Tag.objects.filter(slug__in=slugs).values_list("slug", "label"))
    ranked = sorted(tags, key=lambda tag: (-tag["weight"], tag["slug"]))
    return {
        "expertise_tags": [
            {"slug": tag["slug"], "label": labels[tag["slug"]], "weight": tag["weight"]} for tag in ranked
        ],
        "tag_words": " ".join(labels[tag["slug"]] for tag in ranked),
    }


def write(listing: Listing, tags: Sequence[TagGiven]) -> None:
    """The rows by which a listing is found by its tags."""
    rows = [ListingTag(listing=listing, tag_id=tag["slug"], weight=tag["weight"]) for tag in tags]
    ListingTag.objects.bulk_create(rows)
