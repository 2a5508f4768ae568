"""What `crew doctor` tells of news and context: which sources answered when the crew last read them, and which did not.

Nobody is asked anew: a look at one's own health is no reason to call on a dozen strangers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import cast

from crews.running.services import folder_of
from desk.venues.binance.preflight import Finding

FEEDS = {"news": "the news agent abstains", "context": "the reading says what it lacks"}


def source_findings(profile: str) -> Iterator[Finding]:
    """A finding for each feed that a kickoff of the profile has read; nothing before the first."""
    try:
        told = json.loads(folder_of(profile).sources_report.read_text())
        when = str(told["at"])[:19]
        feeds = {name: cast("Mapping[str, str]", dict(told.get(name, {}))) for name in FEEDS}
    except (OSError, ValueError, KeyError, TypeError):
        return
    for name, sources in feeds.items():
        if sources:
            yield _finding(name, sources, when)


def _finding(name: str, sources: Mapping[str, str], when: str) -> Finding:
    down = {source: trouble for source, trouble in sorted(sources.items()) if trouble}
    seen = f"{len(sources) - len(down)} of {len(sources)} answered; as of {when}"
    if down:
        seen += "; down: " + ", ".join(f"{source} ({trouble})" for source, trouble in down.items())
    silent = len(down) == len(sources)
    fix = f"look at the network; until one is back {FEEDS[name]}" if silent else ""
    return Finding(name=f"{name} sources", well=not silent, seen=seen, fix=fix)
