"""Binance Vision in small, on loopback: the same paths, sums and zips, and everything that may be wrong with them."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from desk.history.download import Told
from desk.history.kinds import Kind, Market
from desk.history.periods import Period, period_named
from desk.history.series import Series
from desk.history.vision import Piece

HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
)


def zipped(text: str, name: str = "rows.csv") -> bytes:
    """A zip that holds one csv."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


def bars_csv(period: Period, step_ms: int, *, header: bool = True, micro: bool = False, lift: float = 0.0) -> str:
    """Bars of a whole period, each its own, `lift` above what they are otherwise."""
    scale = 1_000 if micro else 1
    lines = [HEADER] if header else []
    for at in range(period.from_ms, period.to_ms, step_ms):
        price = 100 + at // step_ms % 7 + lift
        prices = f"{price},{price + 1},{price - 1},{price + 0.5}"
        lines.append(f"{at * scale},{prices},10,{(at + step_ms) * scale - 1},1000,5,4,400,0")
    return "\n".join(lines) + "\n"


def piece(name: str, symbol: str = "BTCUSDT", interval: str = "1h", kind: Kind = Kind.KLINES) -> Piece:
    return Piece(
        Series(Market.UM, kind, symbol, interval if kind in (Kind.KLINES, Kind.MARK) else ""), period_named(name)
    )


@dataclass
class Site:
    """Files by path. `cut` sends so many bytes of a zip and hangs up, once; `asked` is each request with its range."""

    files: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def publish(self, of: Piece, body: bytes, *, sha256: str = "") -> None:
        """Put a zip there with its sum beside it, or with another's."""
        self.files[f"/{of.path}"] = body
        told = sha256 or hashlib.sha256(body).hexdigest()
        self.files[f"/{of.path}.CHECKSUM"] = f"{told}  {of.name}\n".encode()

    def publish_bars(self, *names: str, interval: str = "1h", lift: float = 0.0) -> None:
        for name in names:
            of = piece(name, interval=interval)
            self.publish(of, zipped(bars_csv(of.period, of.series.step_ms, lift=lift)))

    def zips_asked(self) -> list[tuple[str, str]]:
        return [(path.rpartition("/")[2], told) for path, told in self.asked if path.endswith(".zip")]


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve it for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = self.headers.get("Range", "")
            site.asked.append((self.path, told))
            body = site.files.get(self.path)
            if body is None:
                self.send_error(404)
                return
            start = int(told.removeprefix("bytes=").rstrip("-") or 0)
            if start and start >= len(body):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.send_header("Content-Type", "application/zip" if self.path.endswith(".zip") else "binary/octet-stream")
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            self.wfile.write(body[start:][: site.cut.pop(self.path, len(body))])

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class Heard:
    """Listens to a download."""

    def __init__(self) -> None:
        self.files = self.bytes = 0
        self.told: list[Told] = []

    def planned(self, count: int) -> None:
        self.files += count

    def received(self, count: int) -> None:
        self.bytes += count

    def done(self, told: Told) -> None:
        self.told.append(told)


def fates(told: Sequence[Told]) -> dict[str, str]:
    return {str(one.piece.period): one.fate.value for one in told}
