"""Panels as text: templates that escape by default, and the figures as traders read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from desk.domain.errors import DeskError
from desk.domain.moments import from_ms
from desk.domain.money import ZERO, plain
from desk.learning.policy import Episode
from ui.figures import decimal_of, percent, price, safe, sentence, told_trouble, usdt, words


def render(template: str, **values: object) -> str:
    """A template with these values; whatever they hold is text and never markup."""
    return _environment().get_template(template).render(**values)


def trouble(error: DeskError) -> str:
    """A panel that cannot see, with what would help."""
    return render("trouble.html", message=sentence(told_trouble(error.message)), hint=error.hint)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("ui.console", "templates"),
        autoescape=select_autoescape(default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "usdt": usdt,
        "price": price,
        "pct": percent,
        "plain": plain,
        "number": decimal_of,
        "told_trouble": told_trouble,
        "signed": signed,
        "moment": moment,
        "clock": clock,
        "safe_line": safe,
        "words": words,
        "share": share,
        "outcome": outcome,
        "fact": fact,
        "sparkline": sparkline,
    }
    return found


def signed(value: Decimal | None, unit: str = "") -> Markup:
    """A profit or loss with an arrow and a colour, so that it reads without colour too."""
    if value is None:
        return Markup('<span class="quiet">–</span>')
    if value == ZERO:
        return Markup('<span class="quiet">0.00</span>')
    tone, arrow = ("good", "▲") if value > ZERO else ("bad", "▼")
    shown = percent(abs(value)) if unit == "%" else usdt(abs(value))
    return Markup('<span class="{} nowrap">{} {}</span>').format(tone, arrow, shown)


def outcome(text: object) -> Markup:
    """A profit or loss that the record keeps as text; a dash where there is none yet."""
    return signed(decimal_of(text) if text not in ("", None) else None)


def moment(at: datetime | int | None) -> str:
    """A UTC time to the second."""
    if at is None:
        return "–"
    told = from_ms(at) if isinstance(at, int) else at
    return f"{told.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def clock(at: datetime | int) -> str:
    """The time of day, UTC."""
    told = from_ms(at) if isinstance(at, int) else at
    return f"{told.astimezone(UTC):%H:%M:%S}"


def fact(value: object) -> str:
    """A value of a report as a person reads it, on one line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return safe(str(value), 120) if value not in ("", None) else "–"


def sparkline(curve: Sequence[Episode]) -> Markup:
    """A learning curve as one small line: the reward of each episode, the first to the last."""
    rewards = [episode.reward for episode in curve]
    low, high = min(rewards, default=0.0), max(rewards, default=0.0)
    spread, step = (high - low) or 1.0, 200 / max(1, len(rewards) - 1)
    points = " ".join(f"{n * step:.1f},{26 - 24 * (reward - low) / spread:.1f}" for n, reward in enumerate(rewards))
    return Markup(
        '<svg viewBox="0 0 200 28" width="100%" height="28" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polyline points="{}" fill="none" stroke="var(--accent)" '
        'stroke-width="1.5" vector-effect="non-scaling-stroke"/>'
        "</svg>"
    ).format(f"reward from {rewards[0]:.1f} to {rewards[-1]:.1f}" if rewards else "no episode", points)


def share(value: float | None) -> str:
    """A share of one as a percentage, from floats that are no money."""
    return "–" if value is None else f"{value * 100:.1f} %"
