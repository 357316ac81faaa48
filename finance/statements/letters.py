"""The letters of a PDF: which font has them, and how wide they are.

Our own font is in the file and has the letters of Europe and its neighbours. Chinese, Japanese and Korean would take
megabytes; for those the file names fonts that every reader of PDF brings along or replaces (ISO 32000-1, 9.7.5.2).
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

FONT = "DejaVuSans"
_CHINESE, _JAPANESE, _KOREAN = "STSong-Light", "HeiseiKakuGo-W5", "HYGothic-Medium"
_MISSING = "\u25a1"  # what stands for a letter that no font has
_FONT_FILE = Path(__file__).with_name("fonts") / "DejaVuSans.ttf"


@lru_cache(maxsize=1)
def load() -> TTFont:
    """Make the fonts known, once in a process: reading their tables takes a while."""
    for name in (_CHINESE, _JAPANESE, _KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    own = TTFont(FONT, str(_FONT_FILE))
    pdfmetrics.registerFont(own)
    return own


def runs(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a text, each with the font that has its letters."""
    known = load().face.charToGlyph
    if text.isascii() or all(ord(letter) in known for letter in text):
        yield FONT, text
        return
    eastern = _eastern(text)
    fonts = ((_font_of(letter, eastern), letter) for letter in text)
    for font, letters in groupby(fonts, key=lambda each: each[0]):
        part = "".join(letter for _, letter in letters)
        yield (font, part) if font else (FONT, _MISSING * len(part))


def width_of(text: str, size: float) -> float:
    """In points."""
    return sum(float(pdfmetrics.stringWidth(part, font, size)) for font, part in runs(text))


def _font_of(letter: str, eastern: str) -> str:
    """The font that has a letter; none for a picture or a script that neither has."""
    if ord(letter) in load().face.charToGlyph:
        return FONT
    return eastern if unicodedata.east_asian_width(letter) in "WF" and ord(letter) <= 0xFFFF else ""


@lru_cache(maxsize=1024)
def _eastern(text: str) -> str:
    """Chinese letters are written in all three languages, each its own way; syllables tell which it is."""
    names = {unicodedata.name(letter, "").partition(" ")[0] for letter in text}
    if names & {"HIRAGANA", "KATAKANA"}:
        return _JAPANESE
    return _KOREAN if "HANGUL" in names else _CHINESE
