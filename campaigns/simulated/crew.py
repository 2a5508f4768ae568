"""Who asks the guard: intents drawn from a seed, from sound to shameless, in the guard's own wire format."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from campaigns.simulated.market import SYMBOLS

_HASH = "a" * 64


@dataclass
class Crew:
    """Writes intents as text, by hand: nothing here is the guard's. `count` makes each name its own."""

    dice: random.Random
    count: int = 0
    written: list[str] = field(default_factory=list[str])

    def ask(self, mark: str, at_ms: int, symbol: str | None = None, action: str | None = None, **shape: str) -> str:
        """The text of a new intent. `shape` overrides conviction, stop_pct, target_pct and strategy_id."""
        dice = self.dice
        self.count += 1
        fields = {
            "conviction": dice.choice(("1", "1", "0.7", "0.3", "0.05")),
            "stop_pct": dice.choice(("0.002", "0.005", "0.01", "0.02", "0.05", "0.1", "0.0019", "0.11")),
            "target_pct": dice.choice(("0.01", "0.05", "0.2", "0.5")),
            "strategy_id": dice.choice(("trend", "news", "owned")),
            **shape,
        }
        symbol = symbol or dice.choice((*SYMBOLS, *SYMBOLS, "DOGEUSDT"))
        action = action or dice.choice(("OPEN_LONG", "OPEN_LONG", "OPEN_SHORT", "CLOSE"))
        text = (
            f'{{"action":"{action}","conviction":"{fields["conviction"]}","created_at":{at_ms},'
            f'"expires_at":{at_ms + 60_000},"intent_id":"i-{self.count}","run_id":"r-{self.count}","schema":1,'
            f'"seen_mark":"{mark}","snapshot_hash":"{_HASH}","stop_pct":"{fields["stop_pct"]}",'
            f'"strategy_id":"{fields["strategy_id"]}","symbol":"{symbol}","target_pct":"{fields["target_pct"]}"}}'
        )
        self.written.append(text)
        return text

    def again(self) -> str | None:
        """An intent asked before, the same bytes or others under its name."""
        if not self.written:
            return None
        text = self.dice.choice(self.written[-20:])
        return text if self.dice.random() < 0.5 else text.replace('"conviction":"', '"conviction":"0.', 1)
