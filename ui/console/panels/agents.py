"""Agents: who sits at the desk, on which model, with which tools, how they fared last, and what they cost today."""

from __future__ import annotations

from ui.console.panels.wanted import Wanted
from ui.console.rendering import render
from ui.server.house import House


def agents(house: House, wanted: Wanted) -> str:
    """The roster, the models, and today's spending."""
    del wanted
    window = house.window
    config, voices = window.config, window.record.voices()
    spent = window.spending()
    missed = dict(voices.abstained) if voices else {}
    roster = [
        {
            "name": name,
            "role": agent.role,
            "model": config.model_name(name),
            "tools": agent.tools,
            "state": "abstained" if name in missed else "spoke" if voices and name in voices.reported else "",
            "why": missed.get(name, ""),
            "usd": spent.agents[name].usd if name in spent.agents else None,
            "tokens": spent.agents[name].tokens if name in spent.agents else 0,
        }
        for name, agent in config.agents.items()
    ]
    used = {row["model"] for row in roster}
    models = [(name, model, name in used) for name, model in config.desk.models.items()]
    desk = config.desk
    return render("agents.html", roster=roster, models=models, spent=spent, mode=desk.mode, modes=desk.modes)
