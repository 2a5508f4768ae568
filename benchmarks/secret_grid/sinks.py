"""Fifteen places a desk writes to, filled by a crew, a venue and libraries that repeat every secret they can.

The crew decides twice: once its models write secrets into their reports, once they fail with them. What that leaves
behind is read where people and programs read it. What reaches a place without a decision is thrown at it directly.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, redirect_stderr
from datetime import UTC, datetime
from pathlib import Path
from typing import Never

from fastapi import FastAPI
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from agents.models import ChatRequest, Reply, Stage
from agents.offline import OfflineModel
from agents.roster import ROSTER
from agents.scripted import ScriptedModel
from agents.veiled import VeiledModel
from benchmarks.secret_grid.planted import Planted
from config.leaks import cover_of, secret_values
from config.loader import load_desk
from config.services import Tracing
from crews.backup.making import make
from crews.desk import Desk
from crews.record.bookkeeping import decision_row
from crews.record.day import read_day
from crews.record.record import DecisionRecord
from crews.running.services import Folder
from crews.seating import setup_of
from crews.sentry.record_watch import RecordWatch
from crews.work.progress import Progress, ProgressListener, silent
from desk.alerts import Alert, Kind, Level, Outbox
from desk.domain.errors import ModelError, PrerequisiteError, VenueRejectedError
from desk.guard.inprocess import guard_in_process
from desk.guard.process.logs import JsonLines
from desk.guard.secrets.veil import Veil
from desk.ledger import Ledger, sqlite_url
from memory.audit import AuditLog
from ops.speaking import speak_json_lines
from ops.tracing import open_traces
from tests.log_levels import levels_as_found
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock
from tests.unit.desk.guard.bench import ROOMY, Bench
from tests.unit.ui.conftest import ORIGIN, PLACE, StepClock
from ui.controls.kickoffs import Heard, Run
from ui.day.page import page_of
from ui.server.access import Scope
from ui.server.roof import build
from ui.server.serving import event_of, open_house
from ui.terminal import tell

_NOTE_CHARS = 280
_READS = ("info", "health", "logs", "decisions", "signals", "trades", "costs", "breaker", "agents/scores", "status")


def filled(planted: Planted, home: Path, *, known: bool = True) -> dict[str, str]:
    """What stands in each place. With `known` false no veil is told a secret: then they must be found.

    To be called with the planted environment as this process's own.
    """
    veil = Veil(*secret_values(planted.environ)) if known else Veil()
    folder, spans = Folder(home / "demo"), InMemorySpanExporter()
    with closing(AuditLog(folder.audit, FixedClock(), veil=veil)) as audit:
        records, steps = _decided(planted, veil, audit, spans)
    with closing(Ledger(sqlite_url(folder.ledger))) as ledger:
        for record in records:
            ledger.record(decision_row(record, "demo"))
    _noise(planted, folder)
    return {
        "guard log": _guard_log(planted, veil, known=known),
        "crew log": _log(planted, "crews"),
        "console log": _log(planted, "uvicorn.error"),
        "audit log": _audit(folder),
        "decision record": "\n".join(json.dumps(record.to_json(), default=str) for record in records),
        "ledger": folder.ledger.read_bytes().decode("utf-8", "replace"),
        **_served(planted, folder, records[0]),
        "WebSocket event": _events(planted, records, steps),
        "alert text": _alerts(planted, folder, veil),
        "report HTML": _report(folder),
        "backup archive": _backup(planted, veil, home),
        "OpenTelemetry span": "\n".join(span.to_json() for span in spans.get_finished_spans()),
        "terminal error": _terminal(planted),
    }


# ---- a crew whose models repeat what they were given ----


def _decided(
    planted: Planted, veil: Veil, audit: AuditLog, spans: InMemorySpanExporter
) -> tuple[list[DecisionRecord], list[Progress]]:
    traces = open_traces(Tracing(), "demo", spans)
    assert traces is not None
    steps: list[Progress] = []
    records = [
        _decide(VeiledModel(model, veil), audit, traces.over(steps.append), f"run-{number}")
        for number, model in enumerate((_writing(planted), _writing(planted, back=True), _failing(planted)))
    ]
    for record in records:
        traces.decided(record)
    traces.close()
    return records, steps


def _decide(model: VeiledModel, audit: AuditLog, progress: ProgressListener, run: str) -> DecisionRecord:
    clock = FixedClock()
    desk = Desk(
        market=FakeMarket(clock, drift=0.004),
        news=FakeNews("Bitcoin funds record inflows", clock=clock),
        guard=FakeGuard(clock),
        audit=audit,
        setup=setup_of(load_desk("demo", environ={})),
        models=dict.fromkeys(("master", *ROSTER), model),
        clock=clock,
        progress=progress,
    )
    with closing(desk):
        return asyncio.run(desk.decide("BTCUSDT", run))


def _writing(planted: Planted, *, back: bool = False) -> ScriptedModel:
    """A model that writes the next secrets into each note, from the first on or from the last on."""
    left = list(planted.shapes)[:: -1 if back else 1]

    def script(request: ChatRequest) -> Reply:
        reply = OfflineModel().complete(request)
        if reply.text is None or request.stage is Stage.PLAN:
            return reply
        note = ""
        while left and len(note) + len(left[0].text) < _NOTE_CHARS:
            note += f"{left.pop(0).text} "
        return Reply(
            text=json.dumps({**json.loads(reply.text), "note": note}),
            tool_calls=(),
            prompt_tokens=1,
            completion_tokens=1,
        )

    return ScriptedModel(script, label="writing")


def _failing(planted: Planted) -> ScriptedModel:
    def script(request: ChatRequest) -> Reply:
        raise ModelError(f"401 from the provider: {planted.words}")

    return ScriptedModel(script, label="failing")


def _audit(folder: Folder) -> str:
    with closing(AuditLog(folder.audit, FixedClock(), create=False)) as log:
        rows = "\n".join(json.dumps(dict(row.payload), default=str) for row in log.since(0, 10_000))
    return rows + folder.audit.read_bytes().decode("utf-8", "replace")


# ---- logs ----


def _noise(planted: Planted, folder: Folder) -> None:
    """What no veil of ours came before: a library's own lines in a log, and secrets where secrets are kept."""
    for file in ("guard/crew.token", "guard/operator.token", "venue/admin.token", "venue/keys.json"):
        path = folder.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(planted.words, encoding="utf-8")
    log = folder.root / "logs" / "console.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"requests.exceptions.HTTPError: 401 for {shape.text}" for shape in planted.shapes]
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _guard_log(planted: Planted, veil: Veil, *, known: bool) -> str:
    """A venue that repeats key and secret; what comes from the crew's side has passed its veil before."""
    own, lines = Veil(planted.key, planted.secret) if known else Veil(), list[str]()
    bench = Bench(boot=False)

    def told(level: int, message: str) -> None:
        lines.append(JsonLines(own).format(logging.LogRecord("desk.guard", level, "", 0, message, None, None)))

    bench.guard = guard_in_process(
        bench.venue,
        filters=bench.venue.filters,
        limits=ROOMY,
        clock=bench.clock,
        journal=bench.journal,
        tell=told,
        veil=own,
    )
    exchange = " ".join(shape.text for shape in planted.shapes if shape.text in (planted.key, planted.secret))
    for method in ("account", "submit", "open_orders"):
        bench.venue.fail(method, VenueRejectedError(f"unknown request {exchange}", code=-1100))
        bench.propose()
        bench.look(times=2)
    bench.guard.halt(veil.over(planted.words))
    told(logging.ERROR, f"the venue said: {exchange}")
    return "\n".join(lines)


def _log(planted: Planted, name: str) -> str:
    """A warning and a traceback through the log that long-running processes of the crew's side write."""
    with own_logging(), redirect_stderr(io.StringIO()) as told:
        speak_json_lines()
        logger = logging.getLogger(name)
        logger.warning("not taken: %s", planted.words, extra={"answer": planted.words})
        try:
            raise RuntimeError(planted.words)
        except RuntimeError:
            logger.exception("a fault")
        return told.getvalue()


@contextmanager
def own_logging() -> Iterator[None]:
    """This process's logging as it was, afterwards."""
    root = logging.getLogger()
    before, off = list(root.handlers), root.manager.disable
    logging.disable(logging.NOTSET)
    try:
        with levels_as_found():
            yield
    finally:
        root.handlers[:] = before
        logging.disable(off)


# ---- what programs and people read ----


def _served(planted: Planted, folder: Folder, record: DecisionRecord) -> dict[str, str]:
    house = open_house(lambda: load_desk("demo", environ={}), folder, PLACE)
    reader = {"Authorization": f"Bearer {house.access.new_token('reader', Scope.READ)}"}

    def furnish(app: FastAPI) -> None:
        app.add_api_route("/api/v1/planted", lambda: _raise(PrerequisiteError(planted.words, hint=planted.words)))

    def call(client: TestClient, tool: str, **arguments: str) -> str:
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        accepts = {"Accept": "application/json, text/event-stream"}
        return client.post("/mcp", json=asked, headers={**reader, **accepts}).text

    with ExitStack() as closing_all:
        closing_all.callback(house.close)
        client = closing_all.enter_context(TestClient(build(house, furnish=furnish), base_url=ORIGIN))
        paths = [*_READS, "planted", f"decisions/{record.decision_id}/why", f"decisions/{record.decision_id}/steps"]
        api = [client.get(f"/api/v1/{path}", headers=reader).text for path in paths]
        metrics = client.get("/metrics", headers=reader).text
        mcp = [call(client, "decisions"), call(client, "why", decision_id=record.decision_id)]
        for fault in (PrerequisiteError(planted.words, hint=planted.words), RuntimeError(planted.words)):
            house.window.guard.look = lambda fault=fault: _raise(fault)  # type: ignore[method-assign]
            mcp.append(call(client, "status"))
    return {"API answer": "\n".join(api), "MCP answer": "\n".join(mcp), "/metrics": metrics}


def _raise(error: Exception) -> Never:
    raise error


def _events(planted: Planted, records: list[DecisionRecord], steps: list[Progress]) -> str:
    cover = cover_of(planted.environ)
    run = Run(number=1, asked_by="me", symbols=("BTCUSDT",), cycles=1, over=True, error=cover(planted.words))
    heard = [Heard(run=run)]
    heard += [Heard(run=run, decision=record) for record in records]
    heard += [Heard(run=run, step=step) for step in steps]
    return "\n".join(json.dumps(event_of(one), default=str) for one in heard)


def _alerts(planted: Planted, folder: Folder, veil: Veil) -> str:
    with closing(Outbox(folder.alerts, StepClock(), cover=veil.over)) as outbox:
        outbox.set_mark("audit", 0)
        with closing(AuditLog(folder.audit, FixedClock(), create=False)) as log:
            for alert in RecordWatch(lambda: log, outbox).look():
                outbox.post(alert)
        for shape in planted.shapes:
            words = f"401 for {shape.text}"
            outbox.post(Alert(kind=Kind.MODEL, level=Level.WARNING, title=words, text=words, data={"words": words}))
        told = [(one.alert.title, one.alert.text, dict(one.alert.data)) for one in outbox.alerts(limit=1000)]
    return json.dumps(told) + folder.alerts.read_bytes().decode("utf-8", "replace")


def _report(folder: Folder) -> str:
    return page_of(read_day(load_desk("demo", environ={}), folder, datetime(2026, 3, 2, tzinfo=UTC).date()))


def _backup(planted: Planted, veil: Veil, home: Path) -> str:
    """Of a desk without a guard: a backup is made of a record that verifies, and these guards are no real ones."""
    folder = Folder(home / "kept" / "demo")
    with closing(AuditLog(folder.audit, FixedClock(), veil=veil)) as audit:
        record = _decide(VeiledModel(_failing(planted), veil), audit, silent, "run-1")
    with closing(Ledger(sqlite_url(folder.ledger))) as ledger:
        ledger.record(decision_row(record, "demo"))
    _noise(planted, folder)
    now = datetime(2026, 3, 3, tzinfo=UTC)
    path, _ = make(load_desk("demo", environ={}), folder, home / "backups", root=None, now=now)
    with tarfile.open(path) as archive:
        files = [(member, archive.extractfile(member)) for member in archive.getmembers()]
        return "\n".join(member.name + file.read().decode("utf-8", "replace") for member, file in files if file)


def _terminal(planted: Planted) -> str:
    with redirect_stderr(io.StringIO()) as told:
        tell(planted.words, planted.words)
    return told.getvalue()
