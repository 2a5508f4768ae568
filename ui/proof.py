"""Whether what is shown was traded under a proof: one line that stands on every screen where a trade does."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from desk.domain.certificates import mark_of

UNCERTIFIED = "uncertified: no edge proven, paper money alone"
_SHOWN = 12


def proof_of(licence: str | None) -> Text:
    """The proof that a decision was made under."""
    name, mark = mark_of(licence or "")
    if not mark:
        return Text(UNCERTIFIED, style="warn")
    return Text.assemble((name, "good"), (f"  certificate {mark[:_SHOWN]}", "quiet"))


def proofs_of(held: Sequence[str], *, needed: bool) -> Text:
    """The proofs that a guard holds, and what it means to hold none."""
    if held:
        return Text("certified: " + ", ".join(mark_of(one)[0] for one in held), style="good")
    return Text("no edge proven: this desk stays flat" if needed else UNCERTIFIED, style="warn")
