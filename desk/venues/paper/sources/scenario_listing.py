"""Which walk a listed contract follows: a coin's own, another contract's of the same coin, or one invented for it.

Contracts on the same coin share one walk, as arbitrage makes them: `BTCUSDC` is `BTCUSDT` seen through the price of
one dollar in the other, and a dated contract stands above it by a yearly carry that shrinks to nothing at delivery. A
symbol without a model of its own gets one that fits its filters, the same for the same name.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from decimal import Decimal

from desk.venues.paper.engine.values import SymbolSpec
from desk.venues.paper.listing.names import QUOTES
from desk.venues.paper.sources.randomness import Draws
from desk.venues.paper.sources.scenario_model import COINS, DEFAULT_SYMBOLS, HISTORY_DAYS, Coin
from desk.venues.paper.symbols import spec_for

# What is laid out at once of a contract that newsrooms do not write about.
_RECENT_DAY = HISTORY_DAYS - 7
_OTHER_QUOTE_SHARE = 0.12
_DATED_SHARE = 0.01
_CARRY_A_YEAR = 0.06
# A tick of exchangeInfo is about a ten-thousandth of the price it was chosen for.
_TICKS_IN_A_PRICE = 10_000
_INVENTED = "invention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """How one contract is priced: the walk `walk` of `coin`, made at once from `walked_from` of the market's days on.

    The contract's own bars are laid out from `first_day` on, and back to the first when somebody asks for them.

    `share` is the part of the coin's turnover that this contract has; `apart` how far its price strays from the walk,
    as a fraction; `carry` how far it stands above it a year before its delivery.
    """

    coin: Coin
    walk: str
    walked_from: int = 0
    first_day: int = 0
    share: float = 1.0
    apart: float = 0.0
    carry: float = 0.0


def model_of(spec: SymbolSpec) -> Model:
    """The model of a contract."""
    if spec.symbol in DEFAULT_SYMBOLS:
        return Model(coin=COINS[spec.symbol], walk=spec.symbol)
    # What is paid in another coin is no dollar price of this one.
    first = f"{spec.base}USDT" if spec.quote in QUOTES else ""
    coin = COINS.get(first) or _invented(spec)
    walk = first if first in COINS else spec.pair
    walked_from = 0 if walk in DEFAULT_SYMBOLS else _RECENT_DAY
    if spec.symbol == walk:
        return Model(coin=coin, walk=walk, walked_from=walked_from, first_day=_RECENT_DAY)
    return Model(
        coin=coin,
        walk=walk,
        walked_from=walked_from,
        first_day=_RECENT_DAY,
        share=_DATED_SHARE if spec.is_dated else _OTHER_QUOTE_SHARE,
        apart=0.0002,
        carry=_CARRY_A_YEAR if spec.is_dated else 0.0,
    )


def invented_contract(symbol: str, at_ms: int) -> SymbolSpec:
    """Rules of a symbol that nobody told any of, in a market that begins at `at_ms`.

    Raises:
        DataError: for a name that is no USD-M symbol.
    """
    known = COINS.get(symbol)
    at = Draws(0, zlib.crc32(_INVENTED.encode()), zlib.crc32(symbol.encode())).uniform(1).tolist()
    # Anything from a thousandth to a hundred: what most of the smaller coins cost.
    price = Decimal(repr(known.price)) if known else Decimal(1).scaleb(int(at[0] * 5) - 3)
    return spec_for(symbol, price, at_ms=at_ms)


def _invented(spec: SymbolSpec) -> Coin:
    """A coin whose price suits its filters, of middling to high volatility and little turnover."""
    at = Draws(0, zlib.crc32(_INVENTED.encode()), zlib.crc32(spec.pair.encode())).uniform(4).tolist()
    rules = spec.rules
    wanted = float(rules.tick) * _TICKS_IN_A_PRICE * (0.4 + 1.6 * at[0])
    # The smallest quantity is worth less than a thousand, and the price lies well inside its filter.
    price = min(wanted, 1_000 / float(rules.step), float(rules.max_price) / 4)
    return Coin(
        price=max(price, float(rules.min_price) * 4, float(rules.tick) * 200),
        vol=0.75 + 0.45 * at[1],
        common=0.55 + 0.25 * at[2],
        turnover=1e6 * (4 + 60 * at[3] * at[3]),
        names=(spec.base,),
    )
