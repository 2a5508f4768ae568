"""What a page asks a panel for: a few short texts, each held to what it can mean before anything uses it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ui.window.services import LEVELS

INTERVALS = ("1m", "5m", "15m", "1h", "4h", "1d")
_DECISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_.-]{0,79}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
_MOST_WORDS, _MOST_DIGITS = 60, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The texts of one panel. Each property is safe to use; what does not fit is as if it had not been said."""

    said: Mapping[str, str]

    def symbol(self, listed: tuple[str, ...], *, default: bool = True) -> str:
        """A symbol of the desk's list; the first of it, or none, where another was asked for."""
        told = self.said.get("symbol", "")
        return told if told in listed else listed[0] if default else ""

    @property
    def interval(self) -> str:
        """The length of a candle."""
        told = self.said.get("interval", "")
        return told if told in INTERVALS else "15m"

    @property
    def decision(self) -> str:
        """A decision's id, or empty."""
        told = self.said.get("decision", "")
        return told if _DECISION.fullmatch(told) else ""

    @property
    def level(self) -> str:
        """The least level of a log line, or empty for all."""
        told = self.said.get("level", "")
        return told if told in LEVELS else ""

    @property
    def words(self) -> str:
        """What is searched for."""
        return self.said.get("words", "")[:_MOST_WORDS]

    def number(self, key: str) -> int:
        """A small count, or zero."""
        told = self.said.get(key, "")
        return int(told) if told.isascii() and told.isdigit() and len(told) <= _MOST_DIGITS else 0

    def name(self, key: str) -> str:
        """A short name such as a view's, or empty."""
        told = self.said.get(key, "")
        return told if _NAME.fullmatch(told) else ""
