"""Which words somebody meant who wrote one that there is not."""

from collections.abc import Iterable

MIN_LETTERS = 4  # of a word that may be taken for a mistake
SHORT = 6  # letters; below that one mistake, from there on two
MAX_MEANT = 4  # words


def nearest(word: str, candidates: Iterable[str]) -> list[str]:
    """Those of the candidates that are the fewest mistakes away, if that is few enough."""
    allowed = 1 if len(word) < SHORT else 2
    if len(word) < MIN_LETTERS:
        return []
    near = [candidate for candidate in candidates if abs(len(candidate) - len(word)) <= allowed]
    judged = sorted((distance(word, candidate), candidate[:1] != word[:1], candidate) for candidate in near)
    best = [candidate for mistakes, _, candidate in judged if mistakes <= allowed and mistakes == judged[0][0]]
    return best[:MAX_MEANT]


def distance(one: str, other: str) -> int:
    """Letters to add, leave out, replace or swap with the next (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
