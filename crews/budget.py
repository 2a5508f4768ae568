"""What one decision may spend at the models, counted at the door: every request is paid for before it is sent.

One request and a reserve of prompt tokens are kept for the master's decision, so that talkative specialists cannot
leave the desk without one; and a picture is only paid for with what the seats could never need.
"""

from __future__ import annotations

import threading

from agents.models import ChatRequest, Reply, Stage, estimate_tokens
from crews.setup import Budget
from desk.domain.errors import BudgetSpentError

_RESERVED_REQUESTS = 1


class Purse:
    """The budget of one decision. Thread-safe."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._lock = threading.Lock()
        self._requests = 0
        self._pictures = 0
        self._prompt = 0
        self._completion = 0

    @property
    def requests(self) -> int:
        """Requests sent."""
        return self._requests

    @property
    def prompt_tokens(self) -> int:
        """Prompt tokens spent, as the providers count them where they do."""
        return self._prompt

    @property
    def completion_tokens(self) -> int:
        """Completion tokens spent."""
        return self._completion

    def pay(self, request: ChatRequest) -> int:
        """Pay for a request at its estimate, and return that. Raises BudgetSpentError; nothing was sent then."""
        estimate = estimate_tokens(request)
        keep = 0 if request.stage is Stage.DECIDE else 1
        with self._lock:
            if self._requests + 1 > self._budget.requests - keep * _RESERVED_REQUESTS:
                raise BudgetSpentError(f"the decision's {self._budget.requests} model requests are spent")
            limit = self._budget.prompt_tokens - keep * self._budget.reserve_prompt_tokens
            if self._prompt + estimate > limit:
                raise BudgetSpentError(f"the decision's {self._budget.prompt_tokens} prompt tokens are spent")
            if self._completion >= self._budget.completion_tokens:
                raise BudgetSpentError(f"the decision's {self._budget.completion_tokens} completion tokens are spent")
            self._requests += 1
            self._prompt += estimate
        return estimate

    def settle(self, estimate: int, reply: Reply) -> None:
        """Replace the estimate by what the reply says it cost."""
        with self._lock:
            self._prompt += reply.prompt_tokens - estimate
            self._completion += reply.completion_tokens

    def spare_request(self) -> bool:
        """Pay one request beyond those the seats need, for a picture. False when there is none to spare."""
        with self._lock:
            if self._pictures + 1 > self._budget.requests - self._budget.seats:
                return False
            self._pictures += 1
            self._requests += 1
            return True
