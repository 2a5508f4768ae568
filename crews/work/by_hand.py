"""A task's two turns carried without CrewAI: the same conversation, tools and rules, several times as fast.

For backtests, where the written rules answer and nothing is left for a framework to do. A kickoff goes through CrewAI.
"""

from __future__ import annotations

from crews.setup import Seat
from crews.work.runner import Talk


def run_by_hand(seat: Seat, conversation: Talk, task: str) -> None:
    """Let the seat do its task. Blocks until done; the outcome is in the conversation. Never raises."""
    opening = (
        {"role": "system", "content": f"You are {seat.role}. {seat.backstory}\nYour goal: {seat.goal}"},
        {"role": "user", "content": f"{task}\n\n{seat.expected_output}"},
    )
    said = conversation.turn(opening)
    if isinstance(said, str):
        return
    for token in said:
        conversation.run_call(token)
    conversation.turn(opening)
