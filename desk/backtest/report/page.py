"""Puts a trial on a page: one HTML file with everything in it, escaped by default."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from desk.backtest.recordings import Market
from desk.backtest.report.curves import curves
from desk.backtest.report.words import ends, money, number, percent, share
from desk.backtest.terms import AccountTerms
from desk.backtest.trial.telling import months_json, trades_json, trial_json
from desk.backtest.trial.values import Trial

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def page_of(trial: Trial, market: Market, terms: AccountTerms) -> str:
    """The whole page."""
    told = trial_json(trial, market, terms)
    data = {"curves": curves(trial, market), "trades": trades_json(trial, market)}
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            told=told,
            number=number,
            years=_years(months_json(trial, market)),
            months=MONTHS,
            data=_embedded(data),
            style=Markup(_own("page.css")),  # noqa: S704  our own file
            script=Markup(_own("page.js")),  # noqa: S704  our own file
            plotly=Markup(_plotly_script()),  # noqa: S704  the installed library's own file
        )
    )


def write_page(path: Path, trial: Trial, market: Market, terms: AccountTerms) -> None:
    """Write the page. Raises OSError where the disk does not take it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page_of(trial, market, terms), encoding="utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("desk.backtest.report"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = cast("dict[str, Any]", environment.filters)  # pyright: ignore[reportUnknownMemberType]  untyped there
    filters.update(percent=percent, number=number, share=share, money=money, ends=ends)
    return environment


def _years(months: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each year: twelve returns, None where the recording has no such month, and the year's own."""
    found: dict[int, list[float | None]] = {}
    for one in months:
        found.setdefault(one["year"], [None] * 12)[one["month"] - 1] = one["return"]
    return [{"year": year, "months": row, "whole": _grown(row)} for year, row in sorted(found.items(), reverse=True)]


def _grown(returns: list[float | None]) -> float:
    whole = 1.0
    for value in returns:
        whole *= 1.0 + (value or 0.0)
    return whole - 1.0


def _embedded(data: dict[str, Any]) -> Markup:
    # Inside a script element only "<" can end it; as an escape it is still the same JSON.
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704  escaped in this very line


def _own(name: str) -> str:
    return (resources.files("desk.backtest.report") / "templates" / name).read_text(encoding="utf-8")


def _plotly_script() -> str:
    # Its file alone: importing the package takes a second, and nothing else of it is used.
    return (resources.files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
