"""What docs/walkforward.md says, for docs/evidence.md: its verdict and its figures are read there, none is made here."""

from __future__ import annotations

import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, EVIDENCE = DOCS / "walkforward.md", DOCS / "evidence.md"
BEGIN, END = "<!-- walkforward -->", "<!-- /walkforward -->"
NEXT = "<!-- campaigns -->"
COLUMNS = ("strategy", "market", "days", "return a year", "trades", "without costs", "beyond luck")
Row = dict[str, str]


def write(evidence: Path = EVIDENCE, page: Path = PAGE) -> None:
    """Put the section into the page of evidence, before the campaigns, in the place of the one that was there."""
    text = re.sub(rf"{BEGIN}.*?{END}\n*", "", evidence.read_text(encoding="utf-8"), flags=re.DOTALL)
    head, mark, rest = text.partition(NEXT)
    evidence.write_text(f"{head.rstrip()}\n\n{section(page)}\n\n{mark}{rest}", encoding="utf-8")


def section(page: Path = PAGE) -> str:
    """The whole section, marks included. Ends the program where the page does not say what it should."""
    walks = part(page.read_text(encoding="utf-8"), "walks")
    rows = table(walks)
    paragraphs = walks.split("\n\n")
    costs, conditions = paragraphs[-2], paragraphs[-1]
    return "\n".join(
        [
            BEGIN,
            "## Walk-forward",
            "",
            the_only(paragraphs, "**No edge is proven.**", "Above doing nothing"),
            "",
            f"Each of the {len(rows)} shipped strategies, the Q-policy among them, on recorded bars of {coins(rows)}: chosen or "
            "learnt on the days before, traded on the days after, net of fees, slippage and funding; only those are counted. "
            "A year is the mean day times 365, not compounded. *Beyond luck* is the chance of skill beyond the luckiest of everything tried on that market. Method, drawdowns, "
            "the books together, and the same trades through exchange and guard: [walkforward.md](walkforward.md).",
            "",
            f"| {' | '.join(COLUMNS)} |",
            f"|{'---|' * len(COLUMNS)}",
            *(f"| {' | '.join(row[name] for name in COLUMNS)} |" for row in rows),
            "",
            costs,
            "",
            conditions,
            END,
        ]
    )


def part(text: str, name: str) -> str:
    """What stands between the marks of this name."""
    found = re.search(rf"<!-- output:{name} -->\n(.*?)\n<!-- /output:{name} -->", text, flags=re.DOTALL)
    if found is None:
        sys.exit(f"docs/walkforward.md has no part {name!r}: python -m benchmarks.walkforward")
    return found[1]


def table(text: str) -> list[Row]:
    """The rows of the one table in it, by the names of its columns."""
    names, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    missing = set(COLUMNS) - set(names)
    if missing or not any(row[0] == "q-policy" for row in rows):
        sys.exit(f"docs/walkforward.md lacks columns or the Q-policy: {sorted(missing)}")
    return [dict(zip(names, row, strict=True)) for row in rows]


def coins(rows: list[Row]) -> str:
    """Every coin that some row trades, in the order of the page."""
    named = dict.fromkeys(coin for row in rows for coin in re.findall(r"[A-Z]{3,}", row["market"]))
    return ", ".join(named)


def the_only(paragraphs: list[str], *beginnings: str) -> str:
    """The one paragraph that begins so."""
    found = [text for text in paragraphs if text.startswith(beginnings)]
    if len(found) != 1:
        sys.exit(f"docs/walkforward.md states {len(found)} verdicts")
    return found[0]
