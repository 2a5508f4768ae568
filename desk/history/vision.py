"""Binance Vision: where its files are, what they are called, and how one is brought here and held to its checksum.

Each zip has its sha256 beside it. It is asked first: a file that is here under the same sum is not asked for again, and
one that is here under another was issued anew. A path of theirs:

    data/futures/um/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2024-08.zip
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from desk.domain.errors import DataError, FetchError
from desk.fetch.client import GuardedClient
from desk.fetch.files import Heard
from desk.fetch.values import ARCHIVE, NOTE, Ask, Bounds, Endpoint
from desk.history.kinds import Market
from desk.history.periods import Period
from desk.history.series import Series

VISION = "https://data.binance.vision"
# A day of the busiest symbol's trades is a tenth of it.
_BOUNDS = Bounds(size=2 * 1024**3, seconds=1_800.0)
_SUM = re.compile(r"([0-9a-f]{64})  (\S+)\s*", re.ASCII)
_ROOTS = {Market.UM: "data/futures/um", Market.SPOT: "data/spot"}
_SLICE = 1 << 20


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """One file of a series: a month of it, or a day."""

    series: Series
    period: Period

    def __str__(self) -> str:
        return self.name.removesuffix(".zip")

    @property
    def name(self) -> str:
        """Its name at Binance Vision."""
        middle = self.series.interval or self.series.shape.folder
        return f"{self.series.symbol}-{middle}-{self.period}.zip"

    @property
    def path(self) -> str:
        """Where it lies there."""
        series = self.series
        folders = (
            _ROOTS[series.market],
            "daily" if self.period.is_day else "monthly",
            series.shape.folder,
            series.symbol,
            series.interval,
        )
        return "/".join((*(folder for folder in folders if folder), self.name))


class Library(Protocol):
    """Where files come from. Raises FetchError; `rule` is `absent` for a file that is not there."""

    def sha256(self, piece: Piece) -> str:
        """The sum published for a file, of the file as it is now."""
        ...

    def save(self, piece: Piece, path: Path, heard: Heard) -> None:
        """Write the file, or write on where an earlier call was cut off."""
        ...


class VisionLibrary:
    """`Library` over the guarded client: public addresses over https, or a mirror of one's own on loopback."""

    def __init__(self, base: str = VISION, client: GuardedClient | None = None) -> None:
        self._base = base.rstrip("/")
        self._client = client or GuardedClient(bounds=_BOUNDS, vouched=_own_mirror(base))

    def close(self) -> None:
        """Give the client's threads back."""
        self._client.close()

    def sha256(self, piece: Piece) -> str:
        """See `Library`."""
        told = self._client.read([Ask(name="sum", url=self._at(f"{piece.path}.CHECKSUM"), kinds=NOTE)])["sum"]
        if isinstance(told, FetchError):
            raise told
        found = _SUM.fullmatch(told.decode("ascii", errors="replace"))
        if found is None or found[2] != piece.name:
            raise FetchError(f"what stands beside {piece.name} is not its checksum", rule="checksum")
        return found[1]

    def save(self, piece: Piece, path: Path, heard: Heard) -> None:
        """See `Library`."""
        self._client.save(Ask(name=piece.name, url=self._at(piece.path), kinds=ARCHIVE), path, heard)

    def _at(self, path: str) -> str:
        return f"{self._base}/{path}"


def bring(library: Library, piece: Piece, sha256: str, path: Path, heard: Heard) -> None:
    """Have the file with this sum at `path`; what an interrupted download left there is used.

    Raises:
        FetchError: `checksum` when what came twice was something else; else as the library raises.
    """
    # Twice: what an earlier run left may be the beginning of a file that was issued anew since.
    for _ in range(2):
        if not path.exists() or sha256_of(path) != sha256:
            try:
                library.save(piece, path, heard)
            except FetchError as error:
                # 416 and its like: there is nothing behind what is here, and it is not the file.
                if error.rule not in ("status", "range", "too_large"):
                    raise
                path.unlink(missing_ok=True)
                continue
        if sha256_of(path) == sha256:
            return
        path.unlink()
    raise FetchError(f"{piece.name} does not have the sha256 that stands beside it", rule="checksum")


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_SLICE):
            digest.update(chunk)
    return digest.hexdigest()


def _own_mirror(base: str) -> frozenset[Endpoint]:
    """Loopback is nobody's secret when the operator names it; every other private address stays shut."""
    parts = urlsplit(base)
    try:
        port = parts.port
    except ValueError as error:
        raise DataError(f"not an address: {base:.80}") from error
    if parts.hostname == "127.0.0.1" and port:
        return frozenset({Endpoint("127.0.0.1", port)})
    return frozenset()
