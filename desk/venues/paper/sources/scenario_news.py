"""Headlines of the invented market: most jumps have one, most headlines have no jump, and a few are wrong.

A jump is reported from four minutes before to four minutes after it, with the right sign, four times in five, and
sometimes again later by somebody else. Between them stand notices that move nothing, a daily look back at what has
already happened, and now and then a rumour that nothing follows or whose sign is wrong. All names of people, funds,
venues and newsrooms are made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from desk.domain.market import Headline
from desk.venues.paper.sources.bars import MINUTE_MS
from desk.venues.paper.sources.randomness import Draws
from desk.venues.paper.sources.scenario_model import COINS, MINUTES, PARTS
from desk.venues.paper.sources.scenario_walk import Jump

_STEP_MS = MINUTE_MS // PARTS
_SOURCES = ("Ledger Wire", "Block Courier", "Tidewatch", "The Margin Post", "Open Interest Daily", "Harbor Newswire")
_FUNDS = ("Halden Capital", "Northgate Asset Management", "Osprey Lane", "Mercer & Vane", "Quarry Hill Partners")
_VENUES = ("Altex", "Coinharbor", "Meridian Exchange", "Velo Markets")

_MARKET_UP = (
    "Fed official signals rate cuts may come sooner than expected",
    "Inflation print comes in below forecasts, risk assets jump",
    "{fund} files for a spot crypto fund, citing client demand",
    "Regulator approves options on spot {coin} funds",
    "Spot {coin} funds draw record daily inflow",
    "{coin} surges past resistance as shorts are liquidated",
    "Short squeeze: over {millions} million dollars in bearish bets wiped out within minutes",
    "Treasury committee backs framework that welcomes digital assets",
    "Sovereign fund discloses sizeable {coin} position",
    "Markets rally after trade talks end with agreement",
)
_MARKET_DOWN = (
    "Hot inflation data sends crypto lower",
    "Regulator sues {venue} over unregistered products",
    "{venue} halts withdrawals after security incident",
    "Hackers drain {millions} million dollars from cross-chain bridge",
    "Over {millions} million dollars in long positions liquidated as {coin} plunges",
    "Fed minutes warn of further tightening, stocks and crypto sink",
    "Spot {coin} funds see heaviest outflow in months",
    "Dormant whale moves {thousands} thousand {coin} to exchange, traders brace for selling",
    "New tariffs rattle risk assets, {coin} tumbles",
    "Lender {fund} suspends redemptions, contagion fears grow",
)
_COIN_UP = (
    "{venue} lists new {coin} products for institutions",
    "{coin} jumps after network upgrade goes live ahead of schedule",
    "{fund} adds {coin} to its flagship fund",
    "Payments company picks {coin} network for settlement, token rallies",
    "{coin} wins court ruling, token soars",
    "{coin} open interest hits record as breakout extends",
    "Developers announce {coin} fee burn proposal, price spikes",
)
_COIN_DOWN = (
    "{coin} network suffers outage, block production stalled",
    "Exploit hits largest lending protocol on {coin}",
    "{venue} to delist several {coin} pairs",
    "{coin} foundation moves tokens to exchange, holders fear a sale",
    "Large holder dumps {coin}, order books thin out",
    "Regulator names {coin} in complaint, token slides",
    "Critical bug found in {coin} client software, upgrade urged",
)
_NEUTRAL = (
    "{venue} schedules routine wallet maintenance for {coin}",
    "{fund} publishes quarterly letter on digital assets",
    "Conference season opens with panels on custody and staking",
    "Developers discuss next {coin} release in community call",
    "{venue} updates margin tiers for several contracts",
    "Survey: retail investors split on outlook for {coin}",
    "{coin} options expiry on Friday: what traders watch",
    "University opens research group on distributed ledgers",
    "Industry body proposes common reporting standard",
    "{venue} appoints new head of compliance",
    "Explainer: how funding rates work in perpetual futures",
    "Podcast: ten years of {coin} in one hour",
)
_LOOK_BACK_UP = (
    "{coin} up {percent}% in a day as buyers stay in control",
    "{coin} extends gains, {percent}% in 24 hours",
)
_LOOK_BACK_DOWN = ("{coin} down {percent}% in a day as sellers press", "{coin} slips {percent}% over the past 24 hours")
_LOOK_BACK_FLAT = ("{coin} little changed in 24 hours as traders wait", "Quiet session leaves {coin} in its range")

_REPORTED = 0.8
_BEFORE = 0.35
_REPEATED = 0.4
_RUMOURS_A_DAY = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEvents:
    """What happened on one day: when it began, jumps of the whole market and of each coin, and each coin's return."""

    first_ms: int
    market: tuple[Jump, ...]
    coins: Mapping[str, tuple[Jump, ...]]
    returns_before: Mapping[str, float]


def headlines_of(day: DayEvents, draws: Draws) -> tuple[Headline, ...]:
    """Every headline of one day, oldest first."""
    symbols = tuple(day.coins)
    writer = _Writer(draws, day.first_ms)
    for jump in day.market:
        _report(writer, jump, symbols, _MARKET_UP if jump.size > 0 else _MARKET_DOWN, symbols[0])
    for symbol, jumps in day.coins.items():
        for jump in jumps:
            _report(writer, jump, (symbol,), _COIN_UP if jump.size > 0 else _COIN_DOWN, symbol)
    for _ in range(5 + writer.below(6)):
        symbol = symbols[writer.below(len(symbols))]
        writer.write(writer.below(MINUTES * 60_000), _NEUTRAL, symbol, (symbol,))
    if writer.chance(_RUMOURS_A_DAY):
        symbol = symbols[writer.below(len(symbols))]
        writer.write(writer.below(MINUTES * 60_000), (*_COIN_UP, *_COIN_DOWN), symbol, (symbol,))
    for symbol, change in day.returns_before.items():
        if writer.chance(0.5):
            texts = _LOOK_BACK_FLAT if abs(change) < 0.012 else _LOOK_BACK_UP if change > 0 else _LOOK_BACK_DOWN
            writer.write(writer.below(3_600_000), texts, symbol, (symbol,), percent=abs(change) * 100)
    return writer.finished()


def _report(writer: _Writer, jump: Jump, symbols: tuple[str, ...], texts: tuple[str, ...], named: str) -> None:
    if not writer.chance(_REPORTED):
        return
    at_ms = jump.step * _STEP_MS
    early = writer.chance(_BEFORE)
    offset = -20_000 - writer.below(220_000) if early else 5_000 + writer.below(235_000)
    writer.write(at_ms + offset, texts, named, symbols)
    if writer.chance(_REPEATED):
        writer.write(at_ms + 600_000 + writer.below(1_800_000), texts, named, symbols)


class _Writer:
    """Fills templates from one random stream, in one fixed order."""

    def __init__(self, draws: Draws, first_ms: int) -> None:
        self._draws = draws
        self._first_ms = first_ms
        self._written: list[Headline] = []

    def below(self, count: int) -> int:
        """A whole number from 0 to `count` - 1."""
        return int(float(self._draws.uniform(1)[0]) * count)

    def chance(self, share: float) -> bool:
        """Whether something of this probability happens."""
        return float(self._draws.uniform(1)[0]) < share

    def write(
        self, after_ms: int, texts: Sequence[str], named: str, symbols: tuple[str, ...], *, percent: float = 0.0
    ) -> None:
        """Add one headline `after_ms` from the beginning of the day."""
        text = texts[self.below(len(texts))]
        names = COINS[named].names if named in COINS else (named.removesuffix("USDT"),)
        words = MappingProxyType(
            {
                "coin": names[self.below(len(names))],
                "fund": _FUNDS[self.below(len(_FUNDS))],
                "venue": _VENUES[self.below(len(_VENUES))],
                "millions": str(40 + 10 * self.below(56)),
                "thousands": str(2 + self.below(28)),
                "percent": f"{percent:.1f}",
            }
        )
        at = datetime.fromtimestamp((self._first_ms + after_ms) // 1_000, UTC)
        source = _SOURCES[self.below(len(_SOURCES))]
        # A notice that names no coin is about none, unless it moved the whole market.
        about = symbols if "{coin}" in text or len(symbols) > 1 else ()
        self._written.append(Headline(at=at, source=source, title=text.format_map(words), symbols=about))

    def finished(self) -> tuple[Headline, ...]:
        """Everything written, oldest first."""
        return tuple(sorted(self._written, key=lambda h: (h.at, h.title)))
