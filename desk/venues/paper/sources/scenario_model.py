"""What the invented market is like: its coins, its moods, and how strongly each thing moves.

Figures are of the order of the years 2022 to 2025: annual volatility of 45 to 95 %, daily turnover of each perpetual,
correlation with the common factor 0.75 to 0.95, a jump of 1 to 5 % every few days. Moods last one to several days.
Drift is balanced over moods, and every step carries minus half its variance, so that holding earns nothing on average.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType


class Mood(IntEnum):
    """The regime of the whole market."""

    SIDEWAYS = 0
    BULL = 1
    BEAR = 2
    VOLATILE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodTraits:
    """What a mood does to the market.

    `hours` it lasts on average; `drift` per day in log price at usual strength; `vol` relative to the usual; `up` the
    chance that a jump goes up; `jumps` relative to the usual rate; `turns_to` the odds of the next mood.
    """

    hours: float
    drift: float
    vol: float
    up: float
    jumps: float
    turns_to: tuple[tuple[Mood, float], ...]


MOODS: Mapping[Mood, MoodTraits] = MappingProxyType(
    {
        Mood.SIDEWAYS: MoodTraits(
            hours=84,
            drift=0.0,
            vol=0.68,
            up=0.5,
            jumps=0.7,
            turns_to=((Mood.BULL, 0.39), (Mood.BEAR, 0.39), (Mood.VOLATILE, 0.22)),
        ),
        Mood.BULL: MoodTraits(
            hours=110,
            drift=0.0103,
            vol=0.88,
            up=0.6,
            jumps=1.0,
            turns_to=((Mood.SIDEWAYS, 0.55), (Mood.BEAR, 0.2), (Mood.VOLATILE, 0.25)),
        ),
        Mood.BEAR: MoodTraits(
            hours=100,
            drift=-0.0119,
            vol=1.08,
            up=0.4,
            jumps=1.2,
            turns_to=((Mood.SIDEWAYS, 0.5), (Mood.BULL, 0.25), (Mood.VOLATILE, 0.25)),
        ),
        Mood.VOLATILE: MoodTraits(
            hours=34,
            drift=0.0,
            vol=1.75,
            up=0.5,
            jumps=2.5,
            turns_to=((Mood.SIDEWAYS, 0.3), (Mood.BULL, 0.35), (Mood.BEAR, 0.35)),
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """One perpetual. `price` about which its history ends and `turnover` a day in quote asset; `vol` a year.

    `common` is its correlation with the common factor; `names` is how headlines call it.
    """

    price: float
    vol: float
    common: float
    turnover: float
    names: tuple[str, ...]


COINS: Mapping[str, Coin] = MappingProxyType(
    {
        "BTCUSDT": Coin(price=96_000.0, vol=0.44, common=0.95, turnover=14e9, names=("Bitcoin", "BTC")),
        "ETHUSDT": Coin(price=3_400.0, vol=0.60, common=0.90, turnover=11e9, names=("Ether", "Ethereum", "ETH")),
        "SOLUSDT": Coin(price=185.0, vol=0.78, common=0.84, turnover=3.5e9, names=("Solana", "SOL")),
        "BNBUSDT": Coin(price=690.0, vol=0.50, common=0.80, turnover=6e8, names=("BNB",)),
        "XRPUSDT": Coin(price=2.4, vol=0.74, common=0.76, turnover=1.8e9, names=("XRP",)),
        "ADAUSDT": Coin(price=0.85, vol=0.78, common=0.80, turnover=6e8, names=("Cardano", "ADA")),
        "DOGEUSDT": Coin(price=0.31, vol=0.84, common=0.79, turnover=1.4e9, names=("Dogecoin", "DOGE")),
        "AVAXUSDT": Coin(price=34.0, vol=0.80, common=0.80, turnover=4e8, names=("Avalanche", "AVAX")),
        "LINKUSDT": Coin(price=21.0, vol=0.78, common=0.79, turnover=4e8, names=("Chainlink", "LINK")),
        "LTCUSDT": Coin(price=108.0, vol=0.66, common=0.78, turnover=3e8, names=("Litecoin", "LTC")),
        "TRXUSDT": Coin(price=0.27, vol=0.45, common=0.75, turnover=2e8, names=("TRON", "TRX")),
        "SUIUSDT": Coin(price=4.1, vol=0.92, common=0.80, turnover=9e8, names=("Sui", "SUI")),
        "BCHUSDT": Coin(price=460.0, vol=0.68, common=0.78, turnover=3e8, names=("Bitcoin Cash", "BCH")),
        "DOTUSDT": Coin(price=7.3, vol=0.74, common=0.82, turnover=3e8, names=("Polkadot", "DOT")),
        "HBARUSDT": Coin(price=0.28, vol=0.90, common=0.76, turnover=4e8, names=("Hedera", "HBAR")),
        "TONUSDT": Coin(price=5.4, vol=0.70, common=0.76, turnover=2e8, names=("Toncoin", "TON")),
        "XLMUSDT": Coin(price=0.39, vol=0.80, common=0.76, turnover=3e8, names=("Stellar", "XLM")),
        "UNIUSDT": Coin(price=13.2, vol=0.82, common=0.80, turnover=3e8, names=("Uniswap", "UNI")),
        "NEARUSDT": Coin(price=5.2, vol=0.84, common=0.82, turnover=3e8, names=("NEAR",)),
        "AAVEUSDT": Coin(price=310.0, vol=0.80, common=0.80, turnover=4e8, names=("Aave", "AAVE")),
    }
)
DEFAULT_SYMBOLS: tuple[str, ...] = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT", "XRPUSDT")

# Volatility of each UTC hour relative to the mean: Asian night is quiet, the American opening is not.
HOURS_VOL: tuple[float, ...] = (
    *(1.02, 0.95, 0.90, 0.84, 0.80, 0.78, 0.82, 0.90, 0.98, 0.98, 0.95, 0.96),
    *(1.05, 1.22, 1.36, 1.32, 1.22, 1.12, 1.05, 1.02, 1.02, 1.00, 0.98, 0.98),
)
WEEKEND_VOL = 0.74

MINUTES = 1_440
PARTS = 4
STEPS = MINUTES * PARTS
HISTORY_DAYS = 130

# Deviations and half-lives (in minutes) of the three layers of log volatility.
LAYERS: tuple[tuple[float, float], ...] = ((0.30, 4_320.0), (0.33, 90.0), (0.20, 8.0))
# A coin shares this much of the market's layers and adds its own, this much as strong.
SHARED_VOL = 0.7
OWN_VOL = 0.6
FACTOR_VOL = 0.44
MARKET_JUMPS_A_DAY = 0.24
COIN_JUMPS_A_DAY = 0.13
# How much of a jump is there at once; the rest arrives within twelve minutes.
JUMP_AT_ONCE = 0.6
# How far the points of a minute stray from the walk and come back, relative to the minute's volatility: what a large
# order moved inside it, and at its end the bounce between bid and ask.
STRAYS: tuple[float, ...] = (0.45, 0.45, 0.45, 0.12)
# Pull of a quiet market to where it came to rest, and of everything to where it began, per day.
REST_PULL = 1.1
HOME_PULL = 1 / 420
# A coin's own story: how long it lasts in hours, and its daily drift as a share of annual volatility.
STORY_HOURS = 70.0
STORY_DRIFT = 0.012
