"""Fills this server's database: `python -m bench.peers.ours_seed`, in the server's environment."""

from uuid import UUID

import django

from bench import dataset, marketplace
from bench.dataset import PASSWORD, SeedUser


def event_id(user: SeedUser, number: int) -> UUID:
    return UUID(f"01900000-0000-7000-8000-{user.number:06d}{number:06d}")


def main() -> None:
    django.setup()
    # Models can be imported from here on.
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415
    from accounts.services.registration import add_account  # noqa: PLC0415
    from calendar_app.models import Event  # noqa: PLC0415
    from core.contributions.scopes import Persona  # noqa: PLC0415

    password = make_password(PASSWORD)
    with transaction.atomic():
        for user in dataset.users():
            owner = User(email=user.email, password=password)
            add_account(owner, persona=Persona.FREELANCER)
            rows = [
                Event(id=(id_ := event_id(user, number)), public_id=id_, uid=f"{id_}@bench", owner=owner, **fields)
                for number, fields in enumerate(dataset.events(user))
            ]
            Event.objects.bulk_create(rows)
        seed_listings(owner.id)


def seed_listings(owner_id: UUID) -> None:
    from explorer import search  # noqa: PLC0415
    from explorer.models import Listing, ListingTag, Tag  # noqa: PLC0415

    rows = [
        Listing(owner_id=owner_id, tag_words=" ".join(tag["label"] for tag in fields["expertise_tags"]), **fields)
        for fields in marketplace.listings()
    ]
    tagged = [(row, tag) for row in rows for tag in row.expertise_tags]
    labels = {tag["slug"]: tag["label"] for _, tag in tagged}
    Tag.objects.bulk_create([Tag(slug=slug, label=label) for slug, label in labels.items()])
    Listing.objects.bulk_create(rows, batch_size=1000)
    ListingTag.objects.bulk_create(
        [ListingTag(listing=row, tag_id=tag["slug"], weight=tag["weight"]) for row, tag in tagged], batch_size=1000
    )
    search.learn(rows)


if __name__ == "__main__":
    main()
