"""Learning: what each agent's word has proven worth, policies with their curves and certificates, and the shadows."""

from __future__ import annotations

from ui.console.panels.wanted import Wanted
from ui.console.rendering import render
from ui.proof import LENT
from ui.server.api.series import scores_of
from ui.server.house import House
from ui.window.policies import proofs_of


def learning(house: House, wanted: Wanted) -> str:
    """Records of the agents with their intervals against chance, and the settled forecasts behind them."""
    del wanted
    window = house.window
    ledger = window.books.ledger()
    scoring = window.config.desk.scoring
    return render(
        "learning.html",
        scores=sorted(scores_of(house), key=lambda score: -score.calls),
        settled=ledger.forecasts(limit=12) if ledger else (),
        least=scoring.least,
        proofs=proofs_of(window.folder, ledger),
        lent=LENT,
        proven_only=window.config.profile.venue.kind in ("testnet", "live"),
    )
