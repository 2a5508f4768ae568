"""Bad luck at work: asks the script's rules about everything that passes, keeps the log, and throws the switches.

One object a venue. It decides; `answers` and `streams` carry out what concerns one request or one connection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from desk.venues.paper.faults.kinds import AnswerFault, OverHttp, Stale, StreamFault, WorldFault
from desk.venues.paper.faults.log import FaultLog
from desk.venues.paper.faults.memory import Memory, question
from desk.venues.paper.faults.plan import FaultPlan
from desk.venues.paper.faults.script import Script, told_of
from desk.venues.paper.faults.trial import R, Trial, named, request_trials, stream_trials, struck_counts
from desk.venues.paper.faults.world import World
from desk.venues.paper.venue import PaperVenue
from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.pipeline import Reply
from desk.venues.paper.wire.streams.listen_keys import ListenKeys


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the rules see it. `params` has lower-case names and is read only when a rule asks."""

    method: str
    path: str
    account: str
    params: Callable[[], Mapping[str, str]]

    @property
    def what(self) -> tuple[str, str, str]:
        """What requests are counted by."""
        return self.method, self.path, self.account


class Faults:
    """The script of one venue. It begins, with its counts and windows, when it is loaded."""

    def __init__(self, plan: FaultPlan, venue: PaperVenue, listen_keys: ListenKeys) -> None:
        self.admin = plan.admin
        self.world = World(venue, listen_keys)
        self.world.surround()
        self._venue = venue
        self._log_path = plan.log
        self._log = FaultLog(None, plan.script.seed)
        self._when_over: list[Callable[[], None]] = []
        self.load(plan.script)

    def load(self, script: Script) -> None:
        """Begin with `script`: what still lasted of an earlier one ends, counts start at 1, a new log is begun."""
        self.end()
        self._log.close()
        self.script = script
        rules = named(script.rules)
        self._requests, self._messages = request_trials(rules, script.seed), stream_trials(rules, script.seed)
        self._memory = Memory()
        self._log = FaultLog(self._log_path if script.rules else None, script.seed)
        self._began_ms = self._venue.now_ms()

    def end(self) -> None:
        """Whatever lasts ends now: clocks agree, markets speak, what was held back goes on."""
        self.world.clear()
        over, self._when_over = self._when_over, []
        for go_on in over:
            go_on()

    def close(self) -> None:
        """End everything and close the log."""
        self.end()
        self._log.close()

    def when_over(self, go_on: Callable[[], None]) -> None:
        """Call `go_on` when the script ends, for whoever is being held back by it."""
        self._when_over.append(go_on)

    def meet(self, asked: Asked) -> AnswerFault | None:
        """Let one request pass all rules: what strikes the world happens now, what first strikes its answer is told."""
        number, seconds = self._requests.number(*asked.what), self._seconds()
        struck = {"method": asked.method, "path": asked.path, "account": asked.account, "nth": [number]}
        chosen: AnswerFault | None = None
        for trial in self._requests.of(*asked.what):
            rule = trial.rule
            if asked.method == "WS" and isinstance(rule, OverHttp):
                continue
            if (rule.where and not rule.admits(asked.params())) or not trial.due(seconds):
                continue
            if isinstance(rule, WorldFault):
                self._note(trial, struck)
                self.world.strike(rule, asked.account)
            elif chosen is None and not (isinstance(rule, Stale) and self.past(asked, rule) is None):
                self._note(trial, struck)
                chosen = rule
        return chosen

    def meet_message(self, channel: str, stream: str) -> StreamFault | None:
        """Let one stream message pass all rules; the first that strikes is told."""
        number, seconds = self._messages.number(channel, stream), self._seconds()
        chosen: StreamFault | None = None
        for trial in self._messages.of(channel, stream):
            if trial.due(seconds) and chosen is None:
                self._note(trial, {"channel": channel, "stream": stream, "nth": [number]})
                chosen = trial.rule
        return chosen

    def remember(self, asked: Asked, answer: Reply) -> None:
        """Keep a true answer to a read, where a rule may want it: nothing else, answers can be large."""
        if asked.method == "GET" and any(isinstance(one.rule, Stale) for one in self._requests.of(*asked.what)):
            self._memory.keep(question(asked.what, asked.params()), answer, self.now_ms())

    def past(self, asked: Asked, fault: Stale) -> Reply | None:
        """What the same question was answered a while ago; None where nothing was, or too long ago."""
        since_ms = self.now_ms() - round(fault.within_s * 1_000)
        return self._memory.past(question(asked.what, asked.params()), fault.back, since_ms)

    def shifted(self, clock: Callable[[], int]) -> Callable[[], int]:
        """A clock of the wire: `clock` (ms UTC) with whatever jumps and drifts there were."""
        return lambda: clock() + self.world.shift_ms(self._venue.now_ms())

    @property
    def struck(self) -> int:
        """How many faults have struck since the script began."""
        return self._log.kinds.total()

    def now_ms(self) -> int:
        """The venue's time."""
        return self._venue.now_ms()

    def report(self) -> Json:
        """The script, how often each rule struck, how often each kind, and the newest lines of the log."""
        return {
            **told_of(self.script),
            "began": self._began_ms,
            "struck": {**struck_counts(self._requests.trials), **struck_counts(self._messages.trials)},
            "kinds": dict(self._log.kinds),
            "log": list(self._log.newest),
            "log_file": None if self._log.path is None else str(self._log.path),
        }

    def _note(self, trial: Trial[R], struck: Mapping[str, object]) -> None:
        trial.struck += 1
        self._log.note(trial.rule, struck, at_ms=self._venue.now_ms(), because=trial.name)

    def _seconds(self) -> float:
        return (self._venue.now_ms() - self._began_ms) / 1_000
