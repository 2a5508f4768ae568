"""What models may cost, counted at the door: every request is paid for, at the most it can cost, before it is sent.

Tokens and money are held against the decision, the agent in it, and the day; a day is counted over restarts, by a book
that is written before the request leaves. A book that cannot be written pays for nothing. One request and a reserve of
prompt tokens are kept for the master's decision, so that talkative specialists cannot leave the desk without one. A
picture is only paid for with what the seats could never need, and headlines out of an allowance of their own.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Protocol

from agents.models import ChatRequest, Reply, Stage, estimate_tokens
from crews.setup import Budget, Tariff
from desk.domain.errors import BudgetSpentError
from desk.domain.money import ZERO

NO_TARIFFS: Mapping[str, Tariff] = MappingProxyType({})
_FREE = Tariff()
_RESERVED_REQUESTS = 1
PICTURE_TOKENS = 1_000


class DayBook(Protocol):
    """What was spent on a UTC day. `memory.spending.SpendingBook` keeps this contract."""

    def pay(self, agent: str, tokens: int, usd: Decimal) -> str:
        """Write a request down, durably, and return its day. Raises BudgetSpentError, and then nothing was written."""
        ...

    def settle(self, day: str, agent: str, tokens: int, usd: Decimal) -> None:
        """Add what it cost beyond what was paid, below zero for less. Never raises: what was paid stands then."""
        ...

    def recalled(self, agent: str) -> None:
        """Count an answer that was given again for nothing. Never raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What was paid for one request before it was sent. `day` is empty for a model that is on no wire."""

    agent: str
    prompt: int
    completion: int
    usd: Decimal
    day: str = ""


class Purse:
    """The budget of one decision. Thread-safe."""

    def __init__(
        self, budget: Budget, *, tariffs: Mapping[str, Tariff] = NO_TARIFFS, book: DayBook | None = None
    ) -> None:
        self._budget = budget
        self._tariffs = tariffs
        self._book = book
        self._lock = threading.Lock()
        self._requests = 0
        self._pictures = 0
        self._headlines = 0
        self._unread = 0
        self._prompt = 0
        self._completion = 0
        self._usd = ZERO
        self._tokens_of: defaultdict[str, int] = defaultdict(int)
        self._usd_of: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)

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

    @property
    def usd(self) -> Decimal:
        """US dollars spent, by the price table; a request without an answer counts with the most it could cost."""
        return self._usd

    def pay(self, request: ChatRequest) -> Payment:
        """Pay for a request at the most it can cost. Raises BudgetSpentError; nothing was sent then."""
        prompt, budget = estimate_tokens(request), self._budget
        keep = 0 if request.stage is Stage.DECIDE else 1
        with self._lock:
            if self._seated + self._pictures + 1 > budget.requests - keep * _RESERVED_REQUESTS:
                raise BudgetSpentError(f"the decision's {budget.requests} model requests are spent")
            self._hold_tokens(prompt, keep * budget.reserve_prompt_tokens)
            return self._take(request.agent, prompt)

    def pay_headline(self, request: ChatRequest) -> Payment:
        """Pay for the reading of one headline. Raises BudgetSpentError; it is then read by the lexicon."""
        prompt = estimate_tokens(request)
        with self._lock:
            if self._headlines + 1 > self._budget.headlines:
                raise BudgetSpentError(f"the decision's {self._budget.headlines} readings of headlines are spent")
            self._hold_tokens(prompt, self._budget.reserve_prompt_tokens)
            payment = self._take(request.agent, prompt)
            self._headlines += 1
            return payment

    def pay_picture(self, agent: str) -> Payment:
        """Pay one request beyond those the seats need, for a picture. Raises BudgetSpentError."""
        with self._lock:
            if self._pictures + 1 > self._budget.requests - self._budget.seats:
                raise BudgetSpentError("no request to spare for a picture")
            payment = self._take(agent, PICTURE_TOKENS)
            self._pictures += 1
            return payment

    def settle(self, payment: Payment, reply: Reply) -> None:
        """Replace what was paid by what the reply says it cost."""
        self._correct(payment, reply.prompt_tokens, reply.completion_tokens)
        with self._lock:
            self._completion += reply.completion_tokens

    def refund(self, payment: Payment) -> None:
        """Take back what was paid for a request that was not served, and is therefore not billed; it was sent still."""
        self._correct(payment, 0, 0)

    def refused(self, payment: Payment) -> None:
        """Take back what was paid for a picture whose form was refused: sent and counted, it takes nobody's place."""
        self.refund(payment)
        with self._lock:
            self._pictures -= 1
            self._unread += 1

    def recalled(self, agent: str) -> None:
        """Count an answer that was given before, and costs nothing now."""
        if self._book is not None:
            self._book.recalled(agent)

    @property
    def _seated(self) -> int:
        """Requests of the seats themselves."""
        return self._requests - self._pictures - self._headlines - self._unread

    def _hold_tokens(self, prompt: int, reserve: int) -> None:
        """Refuse what would pass the decision's tokens, the reserve kept. Needs the lock."""
        budget = self._budget
        if self._prompt + prompt > budget.prompt_tokens - reserve:
            raise BudgetSpentError(f"the decision's {budget.prompt_tokens} prompt tokens are spent")
        if self._completion >= budget.completion_tokens:
            raise BudgetSpentError(f"the decision's {budget.completion_tokens} completion tokens are spent")

    def _take(self, agent: str, prompt: int) -> Payment:
        """Hold the most this request can cost against every ceiling, the day's last, and count it. Needs the lock."""
        tariff = self._tariffs.get(agent, _FREE)
        completion = tariff.most_completion
        tokens, usd = prompt + completion, tariff.cost(prompt, completion)
        if self._usd + usd > self._budget.usd:
            raise BudgetSpentError(f"the decision's {self._budget.usd} USD are spent")
        ceiling = self._budget.agent
        if tariff.metered and self._tokens_of[agent] + tokens > ceiling.tokens:
            raise BudgetSpentError(f"the {ceiling.tokens} tokens of {agent} in one decision are spent")
        if self._usd_of[agent] + usd > ceiling.usd:
            raise BudgetSpentError(f"the {ceiling.usd} USD of {agent} in one decision are spent")
        payment = Payment(
            agent=agent, prompt=prompt, completion=completion, usd=usd, day=self._booked(agent, tokens, usd, tariff)
        )
        self._requests += 1
        self._add(agent, prompt, tokens, usd)
        return payment

    def _booked(self, agent: str, tokens: int, usd: Decimal, tariff: Tariff) -> str:
        if not tariff.metered:
            return ""
        if self._book is None:
            raise BudgetSpentError("no book of the day's spending is kept, so nothing may be spent")
        return self._book.pay(agent, tokens, usd)

    def _correct(self, payment: Payment, prompt: int, completion: int) -> None:
        cost = self._tariffs.get(payment.agent, _FREE).cost(prompt, completion)
        tokens, usd = prompt + completion - payment.prompt - payment.completion, cost - payment.usd
        with self._lock:
            self._add(payment.agent, prompt - payment.prompt, tokens, usd)
        if payment.day and self._book is not None:
            self._book.settle(payment.day, payment.agent, tokens, usd)

    def _add(self, agent: str, prompt: int, tokens: int, usd: Decimal) -> None:
        self._prompt += prompt
        self._usd += usd
        self._tokens_of[agent] += tokens
        self._usd_of[agent] += usd
