"""Hostile text made plain: one script, no hidden characters, a bounded length, and a flag when something was hidden.

The plain text stays inside this package: it is read for words of the lexicon and for names, then dropped.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import nh3

RAW_LIMIT = 500
PLAIN_LIMIT = 300

# Letters of other scripts that look Latin, as forged headlines use them (Unicode TR 39 lists many more).
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТХУЗЬавеѕіјкмнорсухтԁһӏԛԝгпΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχωı",
    "ABESIJKMHOPCTXY3babesijkmhopcyxtdhlqwrnABEZHIKMNOPTYXaeikvoptuxwi",
)
_DASHES_AND_QUOTES = str.maketrans("‐‑‒–—―−‘’‚‛“”„", "-------''''" + '"""')
_WORD = re.compile(r"[a-z][a-z0-9]*(?:'[a-z]+)?|\d+(?:\.\d+)?%?", re.ASCII)
# Greek, Cyrillic, Armenian, Cherokee: scripts whose letters pass for Latin ones within a word.
_FOREIGN = re.compile("[\u0370-\u058f\u13a0-\u13ff\u1c80-\u1c8f]")
_LATIN = re.compile(r"[a-zA-Z]")
_EMPHASIS = re.compile(r"</?(?:b|i|em|strong|sub|sup)\s*/?>|<br\s*/?>", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-z/!?]", re.IGNORECASE)
_INSTRUCTION = re.compile(
    r"\b(ignore|disregard|forget)\b.{0,30}\b(previous|prior|above|instruction|instructions|rules|prompt)\b"
    r"|\b(system|assistant|developer)\s*(:|prompt|message)"
    r"|\byou (are|must|should) (now |always )?(an? )?(agent|assistant|model|trader|buy|sell|long|short|output|reply)"
    r"|https?://|[{}`\\]|<[a-z/!]|\btool_?call|\bfunction_?call|open_(long|short)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PlainText:
    """A headline made plain. `suspicious` says that it hid characters, mixed scripts or spoke to a machine."""

    text: str
    suspicious: bool


def plain_text(raw: str) -> PlainText:
    """Normalise, unmask and cap a headline. Never raises, whatever the text holds."""
    return _plain(raw[:RAW_LIMIT])


# The same day is read in many tellings, each with the same titles.
@lru_cache(maxsize=1_024)
def _plain(raw: str) -> PlainText:
    marked_up, bare = _without_markup(raw)
    # Capped before NFKC, which can make eighteen characters of one.
    folded = unicodedata.normalize("NFKC", bare[:RAW_LIMIT])
    hidden = any(_is_hidden(ch) for ch in folded)
    shown = "".join(" " if ch.isspace() else ch for ch in folded if ch.isspace() or not _is_hidden(ch))
    mixed = any(_FOREIGN.search(word) and _LATIN.search(word) for word in _strip_marks(shown).split())
    text = " ".join(_strip_marks(shown.translate(_LOOKALIKES).translate(_DASHES_AND_QUOTES)).split())[:PLAIN_LIMIT]
    return PlainText(text=text, suspicious=marked_up or hidden or mixed or _INSTRUCTION.search(text) is not None)


def words(text: str) -> tuple[str, ...]:
    """Lower-case words and numbers of a plain text, in order."""
    return tuple(_WORD.findall(text.lower()))


def _without_markup(raw: str) -> tuple[bool, str]:
    """Whether there was more than plain emphasis, which can hide a sentence from people, and the text without any.

    Feeds write `&amp;` and `<b>` for what their pages show, some of them twice over.
    """
    text = raw
    for _ in range(2):
        text = html.unescape(text)
    if "<" not in text:
        return False, text
    bare = html.unescape(nh3.clean(text, tags=set()))
    return _MARKUP.search(_EMPHASIS.sub("", text)) is not None, bare


def _is_hidden(ch: str) -> bool:
    """Control, format (zero-width, bidi), surrogate, private and unassigned characters; line breaks count as spaces."""
    return unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Co", "Cn") and not ch.isspace()


def _strip_marks(text: str) -> str:
    """Letters without their accents: stacked marks are a way to hide a word from a list."""
    return "".join(ch for ch in unicodedata.normalize("NFD", text) if not unicodedata.combining(ch))
