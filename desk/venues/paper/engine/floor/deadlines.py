"""What is due at a known moment: looking costs nothing while nothing is due, however much waits."""

from __future__ import annotations

from heapq import heappop, heappush

Due = tuple[str, str, str]
"""What is due: its kind, the account, and the order's number or the symbol."""

# What was dropped stays in the heap until its moment, or until there is more of it than of what still counts.
_SLACK = 64


class Deadlines:
    """Moments in ms UTC by what is due then. Of equal moments, what was set first is due first."""

    def __init__(self) -> None:
        self._moments: dict[Due, tuple[int, int]] = {}
        self._heap: list[tuple[int, int, Due]] = []
        self._set = 0

    def set(self, due: Due, at_ms: int) -> None:
        """Expect `due` at `at_ms`, whatever was expected of it before."""
        self._set += 1
        self._moments[due] = (at_ms, self._set)
        heappush(self._heap, (at_ms, self._set, due))
        if len(self._heap) > 2 * len(self._moments) + _SLACK:
            self._heap = sorted((at, number, due) for due, (at, number) in self._moments.items())

    def drop(self, due: Due) -> None:
        """Expect it no longer; nothing happens when it was not expected."""
        self._moments.pop(due, None)

    def next(self, until_ms: int) -> tuple[int, Due] | None:
        """The earliest of what is due at `until_ms`, which stays expected; None when nothing is."""
        while self._heap and self._heap[0][0] <= until_ms:
            at_ms, number, due = self._heap[0]
            if self._moments.get(due) == (at_ms, number):
                return at_ms, due
            heappop(self._heap)
        return None

    def take(self, until_ms: int) -> tuple[int, Due] | None:
        """As `next`, and it is expected no longer."""
        found = self.next(until_ms)
        if found is not None:
            heappop(self._heap)
            del self._moments[found[1]]
        return found

    def at(self, due: Due) -> int | None:
        """When it is expected, None when it is not."""
        found = self._moments.get(due)
        return None if found is None else found[0]
