"""Fills this server's database: `python -m bench.peers.ours_seed`, in the server's environment."""

from uuid import UUID

from bench.dataset import SeedUser


def event_id(user: SeedUser, number: int) -> UUID:
    return UUID(f"01900000-0000-7000-8000-{user.number:06d}{number:06d}")
