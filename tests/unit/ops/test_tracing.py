"""A decision becomes one trace: agents under their stage, tools under their agent, the guard, the venue's orders."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from agents.offline import OfflineModel
from agents.roster import ROSTER
from config.loader import load_desk
from config.services import Tracing
from crews.desk import Desk
from crews.record.record import DecisionRecord
from crews.seating import setup_of
from crews.work.progress import ProgressListener, silent
from ops.speaking import speak_json_lines
from ops.tracing import open_traces, trace_id_of
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock, ListedAudit


class Collector(ThreadingHTTPServer):
    """What an OTLP collector is to an exporter: it decodes what is posted, and keeps the spans."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.spans: list[Span] = []
        self.services: set[str] = set()
        self.paths: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Receiver(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = ExportTraceServiceRequest.FromString(body)
        self.server.paths.add(self.path)
        for resource in told.resource_spans:
            named = {one.key: one.value.string_value for one in resource.resource.attributes}
            self.server.services.add(named["service.name"])
            self.server.spans += [span for scope in resource.scope_spans for span in scope.spans]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def decision(progress: ProgressListener) -> DecisionRecord:
    clock = FixedClock()
    desk = Desk(
        market=FakeMarket(clock, drift=0.003),
        news=FakeNews("Bitcoin funds record inflows", clock=clock),
        guard=FakeGuard(clock),
        audit=ListedAudit(),
        setup=setup_of(load_desk("demo", environ={})),
        models=dict.fromkeys(("master", *ROSTER), OfflineModel()),
        clock=clock,
        progress=progress,
    )
    try:
        return asyncio.run(desk.decide("BTCUSDT", "run-1"))
    finally:
        desk.close()


def test_a_decision_reaches_a_collector_as_one_trace(collector: Collector) -> None:
    traces = open_traces(Tracing(endpoint=collector.url), "demo")
    assert traces is not None
    record = decision(traces.over(silent))
    traces.decided(record)
    traces.close()

    assert collector.paths == {"/v1/traces"}
    assert collector.services == {"crewdesk"}
    spans = {span.span_id: span for span in collector.spans}
    assert {span.trace_id for span in spans.values()} == {trace_id_of(record.decision_id).to_bytes(16, "big")}

    def path(span: Span) -> str:
        above = spans.get(span.parent_span_id)
        return span.name if above is None else f"{path(above)} > {span.name}"

    paths = {path(span) for span in spans.values()}
    assert {"decision > guard propose > venue entry", "decision > guard propose > venue stop"} <= paths
    assert {f"decision > stage work > agent {agent}" for agent in ROSTER} <= paths
    assert "decision > stage work > agent regime > tool get_regime" in paths
    root = next(span for span in spans.values() if span.name == "decision")
    told = {one.key: one.value.string_value for one in root.attributes}
    assert (told["decision_id"], told["intent_id"]) == (record.decision_id, record.intent_id)
    for span in spans.values():
        assert root.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= root.end_time_unix_nano


def test_no_words_of_a_model_leave_by_a_trace(collector: Collector) -> None:
    traces = open_traces(Tracing(endpoint=collector.url), "demo")
    assert traces is not None
    record = decision(traces.over(silent))
    traces.decided(record)
    traces.close()
    notes = [str(report["note"]) for report in record.reports.values() if len(str(report.get("note", ""))) > 12]
    sent = " ".join(str(span) for span in collector.spans)
    assert notes
    assert [note for note in notes if note in sent] == []


def test_a_collector_that_is_gone_costs_nobody_a_decision(caplog: pytest.LogCaptureFixture) -> None:
    traces = open_traces(Tracing(endpoint="http://127.0.0.1:9"), "demo")
    assert traces is not None
    with caplog.at_level(logging.CRITICAL, logger="opentelemetry"):
        record = decision(traces.over(silent))
        traces.decided(record)
        traces.close()
    assert record.intent_id


def test_without_an_endpoint_the_listeners_are_those_of_a_desk_without_traces() -> None:
    assert open_traces(Tracing(), "demo") is None


def test_log_lines_of_a_decision_tell_its_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr("sys.stderr", said)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    speak_json_lines()
    record = decision(silent)
    logging.getLogger("crews.test").info("after")
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    made = next(line for line in lines if line["where"] == "crews.desk")
    assert (made["decision_id"], made["intent_id"]) == (record.decision_id, record.intent_id)
    assert made["level"] == "info"
    assert "decision_id" not in lines[-1]
