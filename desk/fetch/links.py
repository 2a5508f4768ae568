"""An address as its parts, read once and strictly. What is connected to is made of these parts, never parsed again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from desk.domain.errors import FetchError

_LONGEST = 2048
_PORTS = {"https": 443, "http": 80}
# A name, or a numeric address; `urlsplit` has taken the brackets off one of IPv6.
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|[0-9a-f:.]{2,45}", re.ASCII)
_PRINTABLE = re.compile(r"[!#-;=?-\[\]_a-z~%]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a page is. `target` is path and query as they are sent."""

    scheme: str
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def authority(self) -> str:
        """The host as the Host header says it, with the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: str) -> str:
        """The same page at a numeric address, so that nobody resolves its name a second time."""
        host = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{host}:{self.port}{self.target}"


def read_link(text: str, *, base: Link | None = None) -> Link:
    """The parts of an absolute http(s) address, or of one relative to `base`. Raises FetchError for any other text."""
    if len(text) > _LONGEST or not _PRINTABLE.fullmatch(text):
        raise FetchError("the address is too long or holds what no address may", rule="malformed")
    try:
        told = urlsplit(text)
        # `http:path` and `http:///path` are relative to some readers and absolute to others.
        relative = base is not None and not told.scheme
        parts = urlsplit(urljoin(str(base), text)) if relative else told
        port = parts.port
    except ValueError as error:
        raise FetchError(f"not an address: {error!s:.80}", rule="malformed") from None
    if parts.scheme not in _PORTS:
        raise FetchError(f"pages are read over https, not {parts.scheme[:20] or 'nothing'}", rule="scheme")
    if parts.username is not None or parts.password is not None:
        raise FetchError("an address with a name or a password in it", rule="credentials")
    host = parts.hostname or ""
    if not _HOST.fullmatch(host) or port == 0:
        raise FetchError("not the name of a host", rule="malformed")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Link(scheme=parts.scheme, host=host, port=port or _PORTS[parts.scheme], target=target)
