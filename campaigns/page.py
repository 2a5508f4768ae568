"""The campaigns' part of docs/evidence.md, from what runs have kept: no figure here is written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from campaigns.campaign import Campaign, upper_bound
from campaigns.catalogue import CAMPAIGNS
from campaigns.kept import FOLDER, ROOT, Result, kept
from campaigns.mutants.planted import MUTANTS

PAGE = ROOT / "docs" / "evidence.md"
_BEGIN, _END = "<!-- campaigns -->", "<!-- /campaigns -->"


def write_page(page: Path = PAGE) -> Path:
    """Put the section between its marks, or at the end of the page."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    page.write_text(f"{before.rstrip()}\n\n{section()}\n{after.lstrip()}", encoding="utf-8")
    return page


def section() -> str:
    """The whole section, marks included."""
    results = [(campaign, kept(campaign.name)) for campaign in CAMPAIGNS]
    rows = [_row(result, campaign.title, campaign.unit, campaign.full) for campaign, result in results if result]
    missing = [campaign.name for campaign, result in results if result is None]
    return "\n".join(
        [
            _BEGIN,
            "## The guard's campaigns",
            "",
            "Played by `python -m campaigns`, seeds counted from 0, judged by an oracle that shares no code with the "
            "guard. A row may be a part of its full size: then it says so. `--only NAME --seed N` plays a seed again.",
            "",
            "| campaign | cases | broken | 95 % upper bound | seeds of full size | CPU | commit | machine |",
            "|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            *([f"Nothing is kept of: {', '.join(missing)}.", ""] if missing else []),
            *_whole([(campaign, result) for campaign, result in results if result]),
            *_counts([result for _, result in results if result]),
            *_mutants(),
            _END,
        ]
    )


def _row(result: Result, title: str, unit: str, full: int) -> str:
    bound = "—" if result.broken or not result.cases else f"{upper_bound(result.cases):.2g}"
    return (
        f"| {title} (`{result.name}`) | {result.cases:,} {unit} | {result.broken} | {bound} | "
        f"{result.seeds:,} of {full:,} | {result.cpu_seconds:,.0f} s | {result.commit} | {result.machine} |"
    )


def _whole(results: list[tuple[Campaign, Result]]) -> list[str]:
    """What all full sizes would cost, from what the seeds played so far did cost."""
    hours = sum(campaign.full * one.cpu_seconds / one.seeds for campaign, one in results if one.seeds) / 3600
    played = sum(one.cpu_seconds for _, one in results) / 3600
    return [f"Played: {played:.1f} hours of one core. At these costs the full sizes take {hours:.1f}.", ""]


def _counts(results: list[Result]) -> list[str]:
    told = [
        f"* `{result.name}`: " + ", ".join(f"{count:,} {name}" for name, count in sorted(result.counts.items()))
        for result in results
        if result.counts
    ]
    broken = [f"* broken: {sentence}" for result in results for sentence in result.sentences]
    return ["What happened in them:", "", *told, *broken, ""] if told else []


def _mutants() -> list[str]:
    path = FOLDER / "mutants.json"
    if not path.exists():
        return []
    known = {one["name"]: one for one in json.loads(path.read_text(encoding="utf-8"))["trials"]}
    trials = [known[mutant.name] for mutant in MUTANTS if mutant.name in known]
    survivors = [one["name"] for one in trials if not one["noticed"]]
    return [
        "### Faults planted in the guard",
        "",
        f"{len(MUTANTS)} are planted, {len(trials)} were tried, {len(trials) - len(survivors)} were noticed by the "
        f"first seeds of the campaigns above (`python -m campaigns.mutants`); "
        f"survived: {', '.join(survivors) or 'none'}.",
        "",
        "| fault | file | noticed by | after cases | the first sentence |",
        "|---|---|---|---|---|",
        *map(_mutant_row, trials),
        "",
    ]


def _mutant_row(trial: dict[str, Any]) -> str:
    sentence = str(trial["noticed"])[:140].replace("\n", " ").replace("|", "/")
    by = f"`{trial['by']}`" if trial["by"] else "**survived**"
    return f"| {trial['name']} | `desk/{trial['file']}` | {by} | {trial['cases']:,} | {sentence or '—'} |"
