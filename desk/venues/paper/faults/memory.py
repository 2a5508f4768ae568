"""Old answers to the same question, for reads that come from a copy of the venue that lags behind."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping

from desk.venues.paper.wire.pipeline import Reply

_DEEPEST = 8
_MOST_QUESTIONS = 500
_OF_THE_MOMENT = frozenset({"timestamp", "signature", "recvwindow"})
Question = tuple[str, ...]


def question(what: tuple[str, ...], params: Mapping[str, str]) -> Question:
    """What makes two requests the same: everything but their stamp, window and signature."""
    return (*what, *sorted(f"{name}={value}" for name, value in params.items() if name not in _OF_THE_MOMENT))


class Memory:
    """The last eight answers to each of the last five hundred questions."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Question, deque[tuple[int, Reply]]] = OrderedDict()

    def keep(self, asked: Question, answer: Reply, at_ms: int) -> None:
        """Remember one true answer, given at `at_ms`."""
        self._answers.setdefault(asked, deque(maxlen=_DEEPEST)).append((at_ms, answer))
        self._answers.move_to_end(asked)
        if len(self._answers) > _MOST_QUESTIONS:
            self._answers.popitem(last=False)

    def past(self, asked: Question, back: int, since_ms: int) -> Reply | None:
        """The answer of `back` times ago, None where there was none yet, or none since `since_ms`."""
        answers = self._answers.get(asked, ())
        at_ms, answer = answers[-back] if len(answers) >= back else (since_ms, None)
        return answer if at_ms >= since_ms else None
