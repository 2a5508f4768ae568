"""What every answer tells the browser: load nothing from elsewhere, be framed by nobody, remember nothing."""

from __future__ import annotations

# Gradio's page writes scripts and styles inline and compiles its templates, so its policy must allow both. What still
# holds: nothing is fetched from, sent to or framed by any other place, so an image in a chat answer leaks nothing.
CONSOLE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; frame-src 'none'; frame-ancestors 'none'; form-action 'self'; base-uri 'self'"
)
# The login page needs no script at all, so none runs there.
LOGIN_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # With `no-referrer` browsers hide the Origin of a form too, and the door could not know its own page.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
_LASTING = ("/console/assets/", "/console/static/", "/own/")


def headers_of(path: str, *, secure: bool) -> list[tuple[bytes, bytes]]:
    """The headers an answer to `path` carries besides its own."""
    policy = LOGIN_POLICY if path.startswith("/login") else CONSOLE_POLICY
    found = [*_ALWAYS, (b"content-security-policy", policy.encode())]
    if not path.startswith(_LASTING):
        found.append((b"cache-control", b"no-store"))
    if secure:
        found.append((b"strict-transport-security", b"max-age=31536000"))
    return found


_REPLACED = frozenset(name for name, _ in headers_of("/", secure=True)) | {
    b"access-control-allow-origin",
    b"access-control-allow-credentials",
    b"server",
}


def replaced(own: list[tuple[bytes, bytes]], path: str, *, secure: bool) -> list[tuple[bytes, bytes]]:
    """An answer's headers with ours in place of whatever it said of the same; nobody is invited across origins."""
    lasting = path.startswith(_LASTING)
    kept = [(n, v) for n, v in own if n.lower() not in _REPLACED or (lasting and n.lower() == b"cache-control")]
    return kept + headers_of(path, secure=secure)
