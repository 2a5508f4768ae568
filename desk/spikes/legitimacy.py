"""What stands behind a sudden move, asked in four questions; the same answers weigh the same live and in a scan.

Did the market move the same way? Did volume stand behind it? Does the book lean that way? Is there a headline? What
could not be asked counts neither for nor against: the score is the share of the worth that was answered yes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from desk.spikes.values import Legitimacy, Severity

# Others move along from this many deviations on; a bar is loud from this many; a book leans from this share.
MARKET_SIGMA, VOLUME_SIGMA, BOOK_LEAN = 1.5, 1.5, 0.1
BOOK_LEVELS = 10
_WORTH: Mapping[str, float] = MappingProxyType(
    {"market_wide": 0.3, "volume_behind": 0.35, "book_agrees": 0.15, "headline": 0.2}
)
_EXTREME, _STRONG = 2.5, 1.5


def weigh(
    *, market_wide: bool | None, volume_behind: bool | None, book_agrees: bool | None, headline: bool | None
) -> Legitimacy:
    """The answers and their score in [0, 1]; None is a question that could not be asked."""
    answers = {
        "market_wide": market_wide,
        "volume_behind": volume_behind,
        "book_agrees": book_agrees,
        "headline": headline,
    }
    asked = sum(_WORTH[name] for name, answer in answers.items() if answer is not None)
    yes = sum(_WORTH[name] for name, answer in answers.items() if answer)
    return Legitimacy(score=round(yes / asked, 4) if asked else 0.0, **answers)


def severity_of(excess: float) -> Severity:
    """How far beyond its threshold, `excess` being size over threshold."""
    if excess >= _EXTREME:
        return Severity.EXTREME
    return Severity.STRONG if excess >= _STRONG else Severity.NOTABLE
