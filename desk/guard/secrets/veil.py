"""The last thing every text passes before it leaves the guard: no secret that this process knows is in it.

The gateway's own errors carry none. This is for the error nobody foresaw: a library's, a venue's that repeats the
request, a traceback. What is hidden is the secret itself and the forms that URLs and JSON give it.
"""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

HIDDEN = "[hidden]"
# Shorter texts would be found everywhere, and are no secrets.
_LEAST = 8


class Veil:
    """Hides what it was told to hide. Its own text shows how many secrets it knows, never one of them."""

    def __init__(self, *secrets: str) -> None:
        self._forms: tuple[str, ...] = ()
        self.hide(*secrets)

    def hide(self, *secrets: str) -> None:
        """Hide these from here on."""
        forms = {form for secret in secrets if len(secret) >= _LEAST for form in _forms_of(secret)}
        # The longest first, so that no part of a longer form is left standing.
        self._forms = tuple(sorted({*self._forms, *forms}, key=lambda form: (-len(form), form)))

    def over(self, text: str) -> str:
        """The text with every known secret covered."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        return text

    def __repr__(self) -> str:
        return f"Veil({len(self._forms)} forms)"


def _forms_of(secret: str) -> set[str]:
    return {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
