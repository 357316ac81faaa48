"""How often the cache answers."""

from prometheus_client import Counter

from core import context

ANSWERS = Counter(
    "gigvora_launchpad_answers", "Home screens, from the cache (hit) or composed (miss).", ("surface", "cache")
)


def answered(*, is_hit: bool) -> str:
    """Count an answer, under the word for it."""
    word = "hit" if is_hit else "miss"
    ANSWERS.labels(context.current().channel.surface, word).inc()
    return word
