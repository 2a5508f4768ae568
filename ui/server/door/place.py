"""Where the server stands: which names it answers to, and whether what lies between it and the browser is secret."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from desk.domain.errors import PrerequisiteError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address to listen on. `public` is the https origin under which a proxy shows it, or empty."""

    host: str
    port: int
    tls: bool = False
    public: str = ""

    def __post_init__(self) -> None:
        """Refuse to be heard by a network in clear text."""
        if self.host not in LOOPBACK and not self.secure:
            raise PrerequisiteError(
                f"listening on {self.host} would send passwords over the network in clear text",
                hint="--tls-cert and --tls-key, or a proxy in front and its address as --public https://desk.example",
            )
        told = urlsplit(self.public)
        if self.public and (told.scheme != "https" or not told.hostname or told.path not in ("", "/")):
            raise PrerequisiteError(f"{self.public} is no https origin", hint="--public https://desk.example")

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by https alone."""
        return self.tls or bool(self.public)

    @property
    def url(self) -> str:
        """Where this machine finds it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """Every Host header that means this server; any other is a name somebody else made point here."""
        names = {"127.0.0.1", "localhost", "[::1]"} if self.host in LOOPBACK else {self.host}
        told = urlsplit(self.public).netloc
        return frozenset({f"{name}:{self.port}" for name in names} | ({told} if told else set()))

    @property
    def origins(self) -> frozenset[str]:
        """Every Origin that is a page of this server's own."""
        scheme = "https" if self.tls else "http"
        own = {f"{scheme}://{host}" for host in self.hosts}
        return frozenset(own | ({self.public.rstrip("/")} if self.public else set()))

    @property
    def cookie(self) -> str:
        """The session cookie's name; with https the browser itself binds it to this host and to https."""
        return "__Host-crew_session" if self.secure else "crew_session"

    @property
    def csrf_cookie(self) -> str:
        """The cookie a page reads the word from that its requests repeat in a header."""
        return "__Host-crew_csrf" if self.secure else "crew_csrf"
