"""When the two order lists are read: at once where something has to be proven gone, ever less often while it stays.

Both lists together weigh 80 of the 2400 units of a minute at Binance. What does not go away within seconds must not eat
the minute that its own exit will need: after ten seconds of hurry each wait is a fifth of the hurry so far.
"""

from __future__ import annotations

from desk.guard.vocabulary.state import GuardState, Mode

_SOON_MS, _PATIENCE = 2000, 5


class ListsCadence:
    """One guard's rhythm. Times are the guard's monotonic clock, ms; nothing here is worth surviving a restart."""

    def __init__(self, every_ms: int) -> None:
        self._every_ms = every_ms
        self._read: int | None = None
        self._hurry_since: int | None = None

    def read(self, mono: int) -> None:
        """The lists were read now."""
        self._read = mono

    def due(self, state: GuardState, mono: int, *, wanted: bool) -> bool:
        """Whether the next look should read them. `wanted`: somebody heard of a change that only they show."""
        closing = state.mode is Mode.FLATTENING or bool(state.flatten)
        if not (closing or state.unexplained or wanted):
            self._hurry_since = None
            return self._waited(mono, self._every_ms)
        since = self._hurry_since = mono if self._hurry_since is None else self._hurry_since
        hurried = mono - since
        if closing and not state.trades and hurried < _SOON_MS:
            # All that is left to do is to see twice that nothing is left.
            return True
        return self._waited(mono, min(max(_SOON_MS, hurried // _PATIENCE), self._every_ms))

    def _waited(self, mono: int, least_ms: int) -> bool:
        return self._read is None or mono - self._read >= least_ms
