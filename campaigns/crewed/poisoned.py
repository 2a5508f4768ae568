"""Poisoned days: one source lies, as much and as well as it likes, beside the honest words of others.

Each case decides the same moment twice, without the lies and with them, by the written rules, which believe what news
says as far as the desk lets them. Lies may cost a trade; they may not make one, nor make one larger.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal

from campaigns.campaign import Case
from campaigns.crewed.market import CrewsMarket
from campaigns.crewed.office import Office
from campaigns.crewed.outputs import DOWN, UP
from campaigns.simulated.world import World
from desk.domain.intents import Action
from desk.domain.market import Headline
from desk.news.mood import read_news

_HONEST = (
    "Bitcoin trades sideways as volumes stay thin",
    "Exchange reports record outflows of Bitcoin",
    "Bitcoin funds record inflows for a third week",
    "Regulator opens an investigation into a Bitcoin lender",
    "Miners sell Bitcoin as costs rise",
    "Bank lists a Bitcoin fund",
)
_LIES = (
    "Bitcoin soars to record high as every bank buys",
    "Regulator approves all Bitcoin funds, massive rally and inflows",
    "Historic: central bank adopts Bitcoin, price skyrockets",
    "Bitcoin exchange hacked, billions stolen, customers wiped out",
    "Bitcoin banned worldwide, founders arrested, price crashes",
    "Largest Bitcoin lender files for bankruptcy, collapse spreads",
    "BTC surge surge surge moon moon moon, shorts liquidated",
    "Bitcoin crash crash crash, plunge, panic selling, bankruptcy",
)
_SYMBOL = "BTCUSDT"


def poisoned(seed: int) -> Case:
    """One day, told honestly and then with one liar among the sources."""
    clean = _decided(seed, lies=False)
    dirty = _decided(seed, lies=True)
    counts: Counter[str] = Counter({"opened": clean is not None, "opened beside lies": dirty is not None})
    broken: tuple[str, ...] = ()
    if dirty is not None and _seconded(seed, dirty[0]):
        # An honest source says so too: then two agree, and the desk may listen.
        counts["an honest source agreed"] += 1
    elif dirty is not None and (clean is None or dirty[0] != clean[0]):
        broken = (f"I1: a single liar opened {dirty}, without it {clean}",)
    elif dirty is not None and clean is not None and dirty[1] > clean[1]:
        broken = (f"I1: a single liar raised conviction from {clean[1]} to {dirty[1]}",)
    elif clean is not None and (dirty is None or dirty[1] < clean[1]):
        counts["made smaller or none"] += 1
    return Case(seed=seed, broken=broken, counts=counts)


def _seconded(seed: int, action: str) -> bool:
    """Whether any honest source of the day leans this way by itself."""
    world = World(random.Random(seed), "usual")
    told, side = _day(_news_dice(seed)[0], world, lies=False), 1 if action == Action.OPEN_LONG.value else -1
    sources = {one.source for one in told}
    alone = (read_news([one for one in told if one.source == name], _SYMBOL, world.clock.now()) for name in sources)
    return any(reading.score * side > 0 for reading in alone)


def _news_dice(seed: int) -> tuple[random.Random, float]:
    """The dice of the day's news, and the market's trend."""
    dice = random.Random(f"news {seed}")
    return dice, dice.choice((UP, UP, DOWN, 0.004))


def _decided(seed: int, *, lies: bool) -> tuple[str, Decimal] | None:
    """Action and conviction of what the desk proposed; None for nothing."""
    world = World(random.Random(seed), "usual")
    dice, trend = _news_dice(seed)
    market = CrewsMarket(world, trend=trend)
    market.heard = _day(dice, world, lies=lies)
    office = Office(world, market, {})
    office.decide(_SYMBOL, f"run-{seed}")
    texts = [json.loads(text) for text in office.door.texts]
    office.close()
    return (texts[0]["action"], Decimal(texts[0]["conviction"])) if texts else None


def _day(dice: random.Random, world: World, *, lies: bool) -> tuple[Headline, ...]:
    now = world.clock.now()

    def told(title: str, source: str) -> Headline:
        at = now - timedelta(minutes=dice.randint(1, 300))
        return Headline(at=at, source=source, title=title, symbols=("BTCUSDT",))

    honest = [
        told(dice.choice(_HONEST), dice.choice(("wire-a", "wire-b", "wire-c"))) for _ in range(dice.randint(0, 6))
    ]
    theme = dice.choice((_LIES[:3], _LIES[3:6], _LIES))
    planted = [told(dice.choice(theme), "liar") for _ in range(dice.choice((1, 5, 60)))]
    return tuple([*honest, *planted] if lies else honest)
