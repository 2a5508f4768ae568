"""Traces for whoever starts decisions: a kickoff at a terminal, or one from the console."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from config.services import load_services
from ops.tracing import Traces, open_traces

if TYPE_CHECKING:
    from ui.controls.kickoffs import Heard


@contextmanager
def tracing(root: Path | None, profile: str) -> Iterator[Traces | None]:
    """The traces that services.yaml asks for, sent by the end of the block; None where it asks for none."""
    traces = open_traces(load_services(root).tracing, profile)
    try:
        yield traces
    finally:
        if traces is not None:
            traces.close()


def traced(traces: Traces) -> Callable[[Heard], None]:
    """A listener of the console's kickoffs."""

    def hear(heard: Heard) -> None:
        if heard.step is not None:
            traces.hear(heard.step)
        if heard.decision is not None:
            traces.decided(heard.decision)

    return hear
