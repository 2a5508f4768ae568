"""Numbers for the eye: amounts, prices and percentages, and the guard's numbers under the names traders use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from rich.text import Text

from desk.domain.moments import from_ms
from desk.domain.money import ZERO, plain

CENT = Decimal("0.01")
_OF_CODE = re.compile(r"^[A-Za-z]+Error: (?:[a-z_]+: )?")
_SHOWN = Decimal("0.0001")
_HUGE = Decimal(10**15)
NOTE_WIDTH = 96

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "equity": "equity",
        "mark": "mark price",
        "seen": "mark the crew saw",
        "wanted": "size by risk",
        "allowed": "size allowed",
        "budget_left": "loss budget left",
        "cap.position": "cap: one position",
        "cap.gross": "cap: gross exposure",
        "cap.leverage": "cap: leverage",
        "cap.margin": "cap: free margin",
        "cap.gap_budget": "cap: gap budget",
        "cap.max_quantity": "cap: largest order",
        "cap.correlated": "cap: what moves along",
        "cap.depth": "cap: depth of the book",
        "cap.turnover": "cap: turnover of the market",
        "venue": "equity at the venue",
        "ledger": "equity in own books",
        "day": "left today",
        "rolling": "left in 24 hours",
        "reference": "measured from",
        "loss": "loss",
        "limit": "limit",
        "fall": "fall",
        "stop": "stop distance",
        "target": "target distance",
        "least": "at least",
        "most": "at most",
        "held": "held",
        "sent": "entries sent",
        "why": "reason",
        "age_ms": "age",
        "skew_ms": "clocks apart",
        "created_at": "created",
        "expires_at": "valid until",
        "now": "guard's time",
        "seconds": "within",
    }
)
_FRACTIONS = frozenset({"stop", "target", "least", "most", "fall"})
_TIMES = frozenset({"created_at", "expires_at", "now"})
_PRICES = frozenset({"mark", "seen"})
_AMOUNTS = frozenset({"equity", "wanted", "allowed", "budget_left", "venue", "ledger", "day", "rolling", "reference"})


def usdt(value: Decimal) -> str:
    """An amount of USDT: two decimals, thousands apart."""
    return f"{value.quantize(CENT):,}"


def price(value: Decimal) -> str:
    """A price: seven significant digits, as a ticker shows it."""
    shown = value.quantize(Decimal(1).scaleb(min(0, value.adjusted() - 6)))
    return plain(shown)


def percent(value: Decimal) -> str:
    """A fraction as a percentage."""
    return f"{value * 100:.2f} %"


def signed(value: Decimal) -> Text:
    """A profit or loss with an arrow and a colour, so that it reads without colour too."""
    if value == ZERO:
        return Text("0.00", style="quiet")
    arrow, style = ("▲", "good") if value > ZERO else ("▼", "bad")
    return Text(f"{arrow} {usdt(abs(value))}", style=style)


def safe(text: str, width: int = NOTE_WIDTH) -> str:
    """One line of a stranger's text: no control, bidirectional or zero-width characters, and not endless."""
    shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    line = " ".join(shown.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def moment(ms: int) -> str:
    """Milliseconds of the venue's clock as a UTC time to the second."""
    return f"{from_ms(ms):%Y-%m-%d %H:%M:%S} UTC"


def words(name: object) -> str:
    """A name from the code as a person reads it."""
    return str(name).replace("_", " ").lower()


def sentence(text: str) -> str:
    """The same with a capital to begin with."""
    return text[:1].upper() + text[1:]


def told_trouble(text: str) -> str:
    """What went wrong without the names that code has for it: `SomeError: time: …` is no sentence."""
    return _OF_CODE.sub("", text, count=1) or text


def decimal_of(value: object) -> Decimal | None:
    """A finite decimal of a size that a screen can hold, or None when the text is anything else."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < _HUGE else None


def guard_numbers(rule: str, numbers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The numbers of a verdict or a latch as (name, value with its unit), in the order in which a trader asks."""
    ranked = {name: rank for rank, name in enumerate(_NAMES)}
    for name in sorted(numbers, key=lambda one: (ranked.get(one, len(ranked)), one)):
        yield guard_name(name), _with_unit(rule, name, numbers[name])


def guard_name(name: str) -> str:
    """A number of the guard under the name traders use; one that is not known here in its own words."""
    return _NAMES.get(name, name.replace("cap.", "cap: ").replace("_", " "))


def _with_unit(rule: str, name: str, text: str) -> str:
    number = decimal_of(text)
    if number is None:
        return text
    if name in _FRACTIONS or (name == "limit" and rule.startswith(("price.", "crash."))):
        return percent(number)
    if name in _AMOUNTS or name.startswith("cap.") or (name in ("loss", "limit") and rule.startswith("loss.")):
        return f"{usdt(number)} USDT"
    if name in _PRICES:
        return price(number)
    if name in _TIMES:
        return moment(int(number))
    if name.endswith("_ms"):
        return f"{plain(number)} ms"
    return f"{plain(number)} s" if name == "seconds" else plain(number.quantize(_SHOWN).normalize())
