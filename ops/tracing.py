"""A decision as a trace: stages, agents, tool calls, the guard's answer and the venue's orders, by OTLP over HTTP.

The trace's id is made from the decision's id, so that a line of a log or a row of the audit leads to it and back. Spans
tell names, ids, outcomes and times; prompts, reports and notes stay in the audit log. What the venue was asked happened
within the guard's answer and is shown as wide as that: the guard does not tell the moments in between.

With no endpoint configured nothing here is loaded, and the listeners are exactly those of a desk without traces.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from config.services import Tracing
from crews.work.progress import Progress, ProgressKind, ProgressListener, Stage
from memory.payload import digest_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import Span, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

    from crews.record.record import DecisionRecord

_SILENCED = "OTEL_SDK_DISABLED"
_EXPORT_SECONDS = 2.0
_LEAVING_MS = 3000
_BEGINS = frozenset({ProgressKind.STAGE_STARTED, ProgressKind.AGENT_STARTED, ProgressKind.TOOL_STARTED})


@dataclass(slots=True)
class _Trace:
    """The open spans of one decision, by what they are of; `answer` is when the guard was asked and had answered."""

    root: Span
    open: dict[tuple[str, str], Span] = field(default_factory=dict[tuple[str, str], "Span"])
    guard: tuple[Span, int] | None = None


class Traces:
    """Hears the progress of decisions and their records, and sends a trace of each. Thread-safe; close it after use."""

    def __init__(self, provider: TracerProvider, ids: Callable[[str], None], *, profile: str) -> None:
        self._provider, self._ids, self._profile = provider, ids, profile
        self._tracer = provider.get_tracer("crewdesk")
        self._lock = threading.Lock()
        self._traces: dict[str, _Trace] = {}

    def over(self, listener: ProgressListener) -> ProgressListener:
        """The listener, and these traces beside it."""

        def both(event: Progress) -> None:
            self.hear(event)
            listener(event)

        return both

    def hear(self, event: Progress) -> None:
        """One step of a decision; what belongs to none is not traced."""
        if not event.decision_id:
            return
        with self._lock:
            trace = self._traces.get(event.decision_id) or self._begin(event)
            key = _key(event)
            if event.kind in _BEGINS:
                trace.open[key] = self._span(_name(event), _parent(trace, event), _facts(event))
                return
            span = trace.open.pop(key, None)
            if span is not None:
                if event.kind is ProgressKind.AGENT_ABSTAINED:
                    span.set_attribute("crewdesk.abstained", True)
                span.end()
                if key == ("stage", Stage.PROPOSE.value):
                    trace.guard = (span, time.time_ns())

    def decided(self, record: DecisionRecord) -> None:
        """The decision is made: what the guard and the venue made of it, and the end of its trace."""
        with self._lock:
            trace = self._traces.pop(record.decision_id, None)
        if trace is None:
            return
        for name, value in _outcome(record).items():
            trace.root.set_attribute(name, value)
        if trace.guard is not None:
            guard, ended = trace.guard
            for order in record.orders:
                facts = {f"venue.{name}": str(value) for name, value in order.items()}
                facts |= {"intent_id": record.intent_id or ""}
                self._span(f"venue {order['role']}", guard, facts, start=guard.start_time).end(ended)
        _finish(trace)

    def close(self) -> None:
        """Send what is left, within a few seconds; a decision that never ended is sent as far as it came."""
        with self._lock:
            left, self._traces = list(self._traces.values()), {}
        for trace in left:
            trace.root.set_attribute("crewdesk.unfinished", True)
            _finish(trace)
        self._provider.force_flush(_LEAVING_MS)
        self._provider.shutdown()

    def _begin(self, event: Progress) -> _Trace:
        self._ids(event.decision_id)
        facts = {"decision_id": event.decision_id, "symbol": event.symbol, "profile": self._profile}
        trace = _Trace(self._span("decision", None, facts))
        self._traces[event.decision_id] = trace
        return trace

    def _span(self, name: str, parent: Span | None, facts: Mapping[str, Any], start: int | None = None) -> Span:
        from opentelemetry.context import Context
        from opentelemetry.trace import set_span_in_context

        around = Context() if parent is None else set_span_in_context(parent, Context())
        return self._tracer.start_span(name, context=around, attributes=dict(facts), start_time=start)  # type: ignore[return-value]  # of the SDK's own provider


def open_traces(settings: Tracing, profile: str, exporter: SpanExporter | None = None) -> Traces | None:
    """The traces of a profile, or None where none are configured. `exporter` stands in for OTLP."""
    if not settings.endpoint and exporter is None:
        return None
    # Here and not above: a desk without traces loads none of it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        """Trace ids that follow from a decision's id."""

        decision = ""

        def generate_trace_id(self) -> int:
            """The next trace's id."""
            return trace_id_of(self.decision)

        def next(self, decision: str) -> None:
            """Whose trace begins next."""
            self.decision = decision

    ids = Ids()
    whose = Resource({"service.name": settings.service_name, "crewdesk.profile": profile})
    with _although_crewai_is_silenced():
        provider = TracerProvider(resource=whose, id_generator=ids)
    sends = exporter or OTLPSpanExporter(endpoint=f"{settings.endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(sends))
    return Traces(provider, ids.next, profile=profile)


@contextmanager
def _although_crewai_is_silenced() -> Iterator[None]:
    """CrewAI's telemetry is shut by a variable that a provider of ours reads too, at the moment it is made."""
    silenced = os.environ.pop(_SILENCED, None)
    try:
        yield
    finally:
        if silenced is not None:
            os.environ[_SILENCED] = silenced


def trace_id_of(decision_id: str) -> int:
    """The trace of a decision, 128 bits and never zero."""
    return int(digest_of(decision_id.encode())[:32], 16) or 1


def _key(event: Progress) -> tuple[str, str]:
    if event.tool:
        return f"tool {event.agent}", event.tool
    return ("agent", event.agent) if event.agent else ("stage", event.stage.value)


def _name(event: Progress) -> str:
    if event.tool:
        return f"tool {event.tool}"
    if event.agent:
        return f"agent {event.agent}"
    return "guard propose" if event.stage is Stage.PROPOSE else f"stage {event.stage.value}"


def _parent(trace: _Trace, event: Progress) -> Span:
    """A tool belongs to its agent, an agent to its stage; a master's tools to the stage that is open."""
    stages = [span for (kind, _), span in trace.open.items() if kind == "stage"]
    agent = trace.open.get(("agent", event.agent)) if event.tool else None
    inside = event.tool or event.agent
    return agent or (stages[-1] if stages and inside else trace.root)


def _facts(event: Progress) -> dict[str, str]:
    told = {"decision_id": event.decision_id, "symbol": event.symbol, "agent": event.agent, "tool": event.tool}
    return {name: value for name, value in told.items() if value}


def _outcome(record: DecisionRecord) -> dict[str, str | int | float]:
    return {
        "intent_id": record.intent_id or "",
        "action": record.action.value,
        "verdict": record.verdict.value,
        "rule": record.rule,
        "conviction": float(record.conviction),
        "requests": record.requests,
        "seconds": record.seconds,
    }


def _finish(trace: _Trace) -> None:
    for span in trace.open.values():
        span.end()
    trace.root.end()
