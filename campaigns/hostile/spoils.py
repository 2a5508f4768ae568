"""Ways to spoil a JSON object so that it still looks like one. Each is drawn from dice and says what it does."""

from __future__ import annotations

import json
import random
from typing import Any


def with_field(good: str, name: str, value: Any) -> str:  # noqa: ANN401 - anything JSON can say
    """The object with one field set to this."""
    return json.dumps({**json.loads(good), name: value}, ensure_ascii=False)


def a_field(good: str, dice: random.Random) -> str:
    """The name of one of its fields."""
    return dice.choice(sorted(json.loads(good)))


def without(good: str, dice: random.Random) -> str:
    """A field less."""
    fields = json.loads(good)
    del fields[a_field(good, dice)]
    return json.dumps(fields)


def doubled_key(good: str, dice: random.Random) -> str:
    """One key twice."""
    name = a_field(good, dice)
    return good[:-1] + f",{json.dumps(name)}:{json.dumps(json.loads(good)[name])}}}"


def flipped(good: str, dice: random.Random) -> str:
    """One character replaced by one that parsers trip over."""
    at = dice.randrange(len(good))
    return good[:at] + chr(dice.choice((0, 9, 34, 44, 58, 92, 123, 125, 0x200B, 0x0660, 0xFF10))) + good[at + 1 :]


def shuffled(good: str, dice: random.Random) -> str:
    """The same fields in another order: this one is sound."""
    fields = list(json.loads(good).items())
    dice.shuffle(fields)
    return json.dumps(dict(fields), indent=dice.choice((None, 2)))
