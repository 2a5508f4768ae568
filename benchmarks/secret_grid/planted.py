"""The secrets a desk's environment holds, each in the forms in which libraries, models and venues repeat it."""

from __future__ import annotations

import base64
import html
import json
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus

_ALNUM = string.ascii_letters + string.digits
_LEAST_SHRED = 16


@dataclass(frozen=True, slots=True)
class Shape:
    """One secret in one form: its name, the text that must stand nowhere, and the secret within."""

    name: str
    text: str
    core: str

    @property
    def shreds(self) -> tuple[str, ...]:
        """The text itself, and both ends of the secret: one that was cut to fit leaks as well."""
        ends = (self.core[:_LEAST_SHRED], self.core[-_LEAST_SHRED:]) if len(self.core) >= 2 * _LEAST_SHRED else ()
        return (self.text, *ends)


@dataclass(frozen=True, slots=True)
class Planted:
    """An environment with secrets in it, the forty shapes, and what a desk keeps of an exchange."""

    environ: dict[str, str]
    shapes: tuple[Shape, ...]
    key: str
    secret: str

    @property
    def words(self) -> str:
        """All shapes in one text, as an error would quote them."""
        return " ".join(f"planted {shape.text}" for shape in self.shapes)

    def leaks(self, text: str) -> list[str]:
        """The shapes that stand in a text, however it is read."""
        readings = tuple(_readings(text))
        return [s.name for s in self.shapes if any(shred in one for shred in s.shreds for one in readings)]


def planted(seed: int) -> Planted:
    """Fourteen secrets, each plain and in every form that differs from it; and credentials as HTTP and SMTP send them."""
    dice = random.Random(seed)

    def drawn(length: int, letters: str = _ALNUM) -> str:
        return "".join(dice.choices(letters, k=length))

    database, mail = f'{drawn(20)}/+"ä&{drawn(20)}', f'{drawn(24)}"@{drawn(16)}'
    told = {
        "BINANCE_API_KEY": drawn(64),
        "BINANCE_API_SECRET": drawn(64),
        "OPENAI_API_KEY": f"sk-proj-{drawn(40)}_{drawn(20)}",
        "OPENROUTER_API_KEY": f"sk-or-v1-{drawn(64, '0123456789abcdef')}",
        "NEWSAPI_KEY": drawn(32, "0123456789abcdef"),
        "CREWDESK_TELEGRAM_TOKEN": f"{drawn(10, string.digits)}:{drawn(35)}",
        "CREWDESK_OPERATOR_TOKEN": f"{drawn(20)}-{drawn(22)}",
        "CREWDESK_CONSOLE_PASSWORD": f'right "long" wörd/&{drawn(16)}\\{drawn(4)}',
        "CREWDESK_CONSOLE_PIN": drawn(8, string.digits),
        "CREWDESK_HOOK_SECRET": f"whsec_+/{base64.b64encode(dice.randbytes(30)).decode()}",
    }
    environ = {
        **told,
        "CREWDESK_ALERT_DISCORD": f"discord://{drawn(10, string.digits)}/{drawn(64)}",
        "DATABASE_URL": f"postgresql://desk:{quote(database, safe='')}@db.example.org/desk",
        "CREWDESK_ALERT_MAIL": f"mailtos://desk:{quote(mail, safe='')}@mail.example.org?to=you@example.org",
    }
    whole = {**told, "Discord token": environ["CREWDESK_ALERT_DISCORD"][-64:], "database password": database}
    whole |= {"database URL": environ["DATABASE_URL"], "mail password": mail}
    shapes = [
        Shape(f"{name}, {form}", text, database if name == "database URL" else secret)
        for name, secret in whole.items()
        for form, text in _forms(secret)
    ]
    for name, text in (("database", f"desk:{database}"), ("mail", f"desk:{mail}")):
        shapes.append(Shape(f"{name} as HTTP Basic", _base64(text), _base64(text)))
    shapes.append(Shape("mail as SMTP PLAIN", _base64(f"\0desk\0{mail}"), _base64(f"\0desk\0{mail}")))
    return Planted(environ, tuple(shapes), told["BINANCE_API_KEY"], told["BINANCE_API_SECRET"])


def _forms(secret: str) -> Iterator[tuple[str, str]]:
    """The secret as it stands, and as a URL, JSON and base64 write it, where that is not the same."""
    yield "plain", secret
    if quote(secret, safe="") != secret:
        yield "in a URL", quote(secret, safe="")
    if json.dumps(secret)[1:-1] != secret:
        yield "in JSON", json.dumps(secret)[1:-1]
    yield "in base64", _base64(secret)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode().rstrip("=")


def _readings(text: str) -> Iterator[str]:
    """A text as it stands, and as those read it who undo HTML, JSON or a URL first."""
    yield text
    yield html.unescape(text)
    yield unquote_plus(text)
    # JSON in JSON is escaped twice.
    once = _unescaped(text)
    yield once
    yield _unescaped(once)


def _unescaped(text: str) -> str:
    return (
        text.replace("\\\\", "\0")
        .replace('\\"', '"')
        .replace("\\u00e4", "ä")
        .replace("\\u00f6", "ö")
        .replace("\0", "\\")
    )
