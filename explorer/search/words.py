"""Texts as the words that are searched for; the databases cut what they index in the same way."""

import re
import unicodedata

MAX_WORDS = 12
MAX_LENGTH = 40  # characters of a word; longer ones are nobody's
_WORD = re.compile(r"[^\W_]+")
# Names that would otherwise be nothing but a letter; and letters that are none with a mark.
SPELT_OUT = (
    ("c++", "cplusplus"), ("c#", "csharp"), ("f#", "fsharp"), (".net", " dotnet"),
    ("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("ø", "o"), ("ł", "l"), ("đ", "d"), ("ð", "d"), ("þ", "th"),
    ("\u0131", "i"),  # as Turkish has it, without a dot
)  # fmt: skip

# What PostgreSQL's dictionary `english` leaves out; SQLite's index knows no such list.
STOP_WORDS = frozenset(
    """i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself
    it its itself they them their theirs themselves what which who whom this that these those am is are was were be
    been being have has had having do does did doing a an the and but if or because as until while of at by for with
    about against between into through during before after above below to from up down in out on off over under again
    further then once here there when where why how all any both each few more most other some such no nor not only
    own same so than too very s t can will just don should now""".split()  # noqa: SIM905
)


def words_of(text: str) -> list[str]:
    """The words of a search, in order, each once, without those that say nothing."""
    return [word for word in dict.fromkeys(_cut(text)) if word not in STOP_WORDS and len(word) <= MAX_LENGTH]


def vocabulary_of(*texts: str) -> set[str]:
    """The words that somebody could have meant: of three letters or more."""
    found = {word for text in texts for word in _cut(text)}
    return {word for word in found if 3 <= len(word) <= MAX_LENGTH and word.isalpha() and word not in STOP_WORDS}


def _cut(text: str) -> list[str]:
    lowered = text.lower()
    for written, spelt in SPELT_OUT:
        lowered = lowered.replace(written, spelt)
    bare = (each for each in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(each))
    return _WORD.findall("".join(bare))
