"""What MkDocs is told beside mkdocs.yml: the reference made from the code, and a place for every page nobody placed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
DECISIONS, OTHERS = "Decisions", "More"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages made from code, and put the decisions and whatever else is not placed into the navigation."""
    from manual import reference

    for name in reference.PAGES:
        files.append(File.generated(config, name, content=reference.page(name)))
    nav: list[Any] = list(config.nav or [])
    placed = set(_pages(nav))
    left = [one.src_uri for one in files.documentation_pages() if one.src_uri not in placed]
    decisions = [one for one in sorted(left) if one.startswith("decisions/")]
    others = [one for one in sorted(left) if not one.startswith("decisions/")]
    config.nav = [*nav, {DECISIONS: decisions}, *([{OTHERS: others}] if others else [])]
    return files


def _pages(nav: Any) -> list[str]:  # noqa: ANN401  YAML
    if isinstance(nav, str):
        return [nav]
    if isinstance(nav, dict):
        return [page for part in nav.values() for page in _pages(part)]
    return [page for part in nav for page in _pages(part)]
