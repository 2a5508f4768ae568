"""Intelligence: what the desk saw of a market when it last decided on it, and how old that is."""

from __future__ import annotations

from desk.domain.errors import DeskError, PrerequisiteError
from desk.ledger.pages import Asked
from ui.console.panels.wanted import Wanted
from ui.console.rendering import render, trouble
from ui.figures import sentence
from ui.server.house import House

_PAST, _HEADLINES = 8, 8


def intelligence(house: House, wanted: Wanted) -> str:
    """Regime, signal, context, spikes, news, profile, correlation and book of one symbol."""
    symbol = wanted.symbol(house.window.symbols)
    try:
        seen = house.window.intelligence.look(symbol)
    except PrerequisiteError as error:
        return render("intelligence_none.html", symbol=symbol, message=sentence(error.message))
    except DeskError as error:
        return trouble(error)
    pages = house.window.books.pages()
    return render(
        "intelligence.html",
        seen=seen,
        of={name: reading.told for name, reading in seen.readings.items()},
        trouble_of={name: reading.trouble for name, reading in seen.readings.items()},
        past=pages.contexts(Asked(symbol=symbol, limit=_PAST)) if pages else (),
        headlines=(seen.snapshot.headlines or ())[-_HEADLINES:][::-1],
        told_headlines=seen.snapshot.headlines is not None,
    )
