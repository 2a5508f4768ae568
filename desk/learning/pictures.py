"""What learning looked like, on one page that needs no network: its curve, its curiosity, and where it has been."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from desk.learning.method import ACTIONS
from desk.learning.policy import Policy
from desk.learning.shelf import Shelved

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>
:root{{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}}
body{{max-width:1000px;margin:2rem auto;padding:0 1rem}}
h1{{font-size:1.3rem;font-weight:600}}p{{opacity:.75}}</style>
<h1>{title}</h1><p>{about}</p><div id="pictures"></div><script>{plotly}</script><script>
for (const picture of {pictures}) {{
  const place = document.getElementById("pictures").appendChild(document.createElement("div"));
  Plotly.newPlot(place, picture.data, picture.layout, {{displaylogo: false, responsive: true}});
}}</script></html>"""
_SHADES = ("#5b8def", "#2aa876", "#d9822b")
_STATES_SHOWN = 30
Picture = dict[str, Any]


def write_page(shelved: Shelved, path: Path) -> None:
    """Write the page of a policy."""
    policy, origin = shelved.policy, shelved.policy.origin
    about = (
        f"{', '.join(origin.symbols)} {origin.interval}, learnt from {origin.learnt_from:%Y-%m-%d} to "
        f"{origin.held_from:%Y-%m-%d}, held out until {origin.held_until:%Y-%m-%d}, seed {origin.seed}. "
        "Nothing was chosen by what was held out; no return is promised."
    )
    page = _PAGE.format(
        title=f"Policy {shelved.name}",
        about=about,
        plotly=(resources.files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8"),
        pictures=json.dumps([_curve(policy), _known(policy), _visits(policy)]),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def visits_by_cell(policy: Policy) -> dict[str, dict[str, int]]:
    """How often each cell of each figure was visited, whatever the other figures said."""
    counts = policy.visits.reshape(policy.space.size, -1).sum(axis=1)
    grid = counts.reshape([factor.cells for factor in policy.space.factors])
    found: dict[str, dict[str, int]] = {}
    for axis, factor in enumerate(policy.space.factors):
        others = tuple(other for other in range(grid.ndim) if other != axis)
        found[factor.name] = {factor.word(cell): int(count) for cell, count in enumerate(grid.sum(axis=others))}
    return found


def _curve(policy: Policy) -> Picture:
    numbers = [episode.number for episode in policy.curve]
    looked = [episode for episode in policy.curve if episode.held_out is not None]
    held = [100 * (episode.held_out or 0.0) for episode in looked]
    return _picture(
        "Reward of each episode, and the return on bars it never learnt from",
        "reward",
        _line(numbers, [episode.reward for episode in policy.curve], "reward", _SHADES[0]),
        {**_line([episode.number for episode in looked], held, "held out, %", _SHADES[2]), "yaxis": "y2"},
    )


def _known(policy: Policy) -> Picture:
    numbers = [episode.number for episode in policy.curve]
    return _picture(
        "How much of its world it has seen, and how curious it was",
        "share",
        _line(numbers, [episode.known for episode in policy.curve], "states seen", _SHADES[1]),
        _line(numbers, [episode.curiosity for episode in policy.curve], "curiosity", _SHADES[0]),
    )


def _visits(policy: Policy) -> Picture:
    """The states it visited most, with what it tried there."""
    by_state = policy.visits.reshape(policy.space.size, 3, 3).sum(axis=1)
    most = np.argsort(by_state.sum(axis=1))[::-1][:_STATES_SHOWN]
    words = [", ".join(policy.space.words(int(state)).values()) for state in most]
    bars = [
        {
            "type": "bar",
            "name": name,
            "x": list(range(1, len(most) + 1)),
            "y": by_state[most, action].tolist(),
            "hovertext": words,
            "marker": {"color": _SHADES[action]},
        }
        for action, name in enumerate(ACTIONS)
    ]
    return _picture("The states visited most, and what was tried there", "visits", *bars)


def _line(x: Sequence[int], y: Sequence[float], name: str, shade: str) -> Picture:
    return {"type": "scatter", "mode": "lines", "name": name, "x": list(x), "y": list(y), "line": {"color": shade}}


def _picture(title: str, y: str, *data: Picture) -> Picture:
    layout = {
        "title": {"text": title, "font": {"size": 15}},
        "height": 340,
        "barmode": "stack",
        "margin": {"l": 60, "r": 60, "t": 48, "b": 40},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "#888"},
        "legend": {"orientation": "h", "y": -0.2},
        "yaxis": {"title": {"text": y}, "gridcolor": "rgba(128,128,128,.2)", "zerolinecolor": "rgba(128,128,128,.5)"},
        "yaxis2": {"overlaying": "y", "side": "right", "showgrid": False},
    }
    return {"data": list(data), "layout": layout}
