"""One story, once: titles that say the same in nearly the same words are one, and its first telling is what counts.

A copy neither adds weight nor makes a story younger, and a wire report that two papers print is one witness, not two.
"""

from __future__ import annotations

from collections.abc import Sequence

from desk.domain.market import Headline
from desk.news.text import plain_text, words

# Shared words over all words of two titles (Jaccard). Four in five: a changed verb is another story.
SAME = 0.8


def first_tellings(headlines: Sequence[Headline]) -> tuple[int, ...]:
    """The places of the headlines that tell something new, in order of time; of equals the first told."""
    kept: list[tuple[int, frozenset[str]]] = []
    for place in sorted(range(len(headlines)), key=lambda i: headlines[i].at):
        plain = plain_text(headlines[place].title).text
        said = frozenset(words(plain)) or frozenset((plain.lower(),))
        if not any(_alike(said, other) for _, other in kept):
            kept.append((place, said))
    return tuple(place for place, _ in kept)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME * len(one | other)
