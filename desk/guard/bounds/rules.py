"""What `step` is told besides the state and the event: limits, the allow-list and the venue's filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from desk.domain.account import SymbolRules
from desk.domain.certificates import Certificate
from desk.domain.errors import DataError
from desk.domain.frozen import replace
from desk.guard.bounds.limits import Changes, Limits, stricter
from desk.guard.record.codec import decode, encode
from desk.guard.record.memo import Newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything the operator and the venue fixed before the guard started. `speed`: venue seconds per real one.

    `flatten_only` is how the watcher starts a guard after another fell silent: it closes, and opens nothing.
    `dead_man` is what the venue's countdown was found to cancel: `orders`, `all`, or `unknown`.
    `proof_needed`: nothing opens but under one of `certificates`, whose signatures were checked before.
    """

    limits: Limits
    symbols: frozenset[str]
    filters: Mapping[str, SymbolRules] = field(hash=False)
    speed: int = 1
    flatten_only: bool = False
    dead_man: str = "unknown"
    proof_needed: bool = False
    certificates: tuple[Certificate, ...] = ()

    def tightened(self, changes: Changes) -> Rules:
        """These rules with what was tightened since. Raises DataError for a change that is none."""
        return _TIGHTENED.get((self, changes), lambda: self._stricter(changes)) if changes else self

    def _stricter(self, changes: Changes) -> Rules:
        return replace(self, limits=stricter(self.limits, changes))


# Rules and what was tightened stand for hours; each step asks for the same.
_TIGHTENED: Newest[Rules] = Newest()


def rules_to_data(rules: Rules) -> dict[str, Any]:
    """The rules as a JSON-able object: journalled at each start, so that decisions replay from the journal alone."""
    return {
        "limits": rules.limits.model_dump(mode="json"),
        "symbols": sorted(rules.symbols),
        "filters": [encode(rules.filters[name]) for name in sorted(rules.filters)],
        "speed": rules.speed,
        "flatten_only": rules.flatten_only,
        "dead_man": rules.dead_man,
        "proof_needed": rules.proof_needed,
        "certificates": [encode(one) for one in rules.certificates],
    }


def rules_from_data(data: Any) -> Rules:  # noqa: ANN401 - parsed JSON
    """Read rules back. Raises DataError for anything else."""
    try:
        filters = tuple(decode(SymbolRules, item) for item in data["filters"])
        return Rules(
            limits=Limits.model_validate(data["limits"]),
            symbols=frozenset(data["symbols"]),
            filters={item.symbol: item for item in filters},
            speed=int(data["speed"]),
            flatten_only=bool(data.get("flatten_only", False)),
            dead_man=str(data.get("dead_man", "unknown")),
            proof_needed=bool(data.get("proof_needed", False)),
            certificates=tuple(decode(Certificate, one) for one in data.get("certificates", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"not the guard's rules: {error}") from error
