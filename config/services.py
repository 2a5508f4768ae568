"""services.yaml: what `crew up` keeps running and how, read as strictly as every other file of the operator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from config.faults import fault, validated
from config.files import Files
from config.models import LOOPBACK
from config.part import Part, Seconds, Text
from config.yaml_tree import Place, Tree, read_yaml

SECTION = "services"

ServiceName = Literal["exchange", "guard", "alerts", "console", "schedule", "crew"]
ORDER: tuple[ServiceName, ...] = ("exchange", "guard", "alerts", "console", "schedule", "crew")
"""Who needs whom: each may need those before it. They are started in this order and stopped in the opposite one."""


class ConsoleService(Part):
    """Where the console listens. Beyond loopback it stands behind a proxy: see `crew console --help`."""

    host: Text
    port: int = Field(ge=1, le=65535)
    idle_minutes: float = Field(30, ge=1, le=1440, description="minutes without a sign of life that log out")
    public: str = Field(default="", description="the https address under which a proxy shows it")


class Restarts(Part):
    """How often, and after which pause, a service that ended is started again."""

    first_seconds: Seconds
    longest_seconds: Seconds
    most: int = Field(ge=1, le=100, description="ends within the window that give a service up")
    window_seconds: float = Field(gt=0, le=86_400)
    mute_seconds: Seconds


class LogFiles(Part):
    """How much of each service's log is kept: `files` older ones of `megabytes` each, none older than `days`."""

    megabytes: float = Field(gt=0, le=1000)
    files: int = Field(ge=1, le=100)
    days: float = Field(gt=0, le=3650)


class Tracing(Part):
    """Where traces go by OTLP over HTTP; an empty endpoint is no tracing."""

    endpoint: str = Field(default="", pattern=r"^(https?://[^\s]+)?$")
    service_name: Text = "crewdesk"


class ServicesConfig(Part):
    """The whole file."""

    start: Annotated[tuple[ServiceName, ...], Field(min_length=1)]
    console: ConsoleService
    restarts: Restarts
    logs: LogFiles
    tracing: Tracing = Tracing()

    @property
    def ordered(self) -> tuple[ServiceName, ...]:
        """What is started, in the order of need."""
        return tuple(name for name in ORDER if name in self.start)


def load_services(root: Path | None = None) -> ServicesConfig:
    """The packaged file, or that of the operator's folder where it has a `services.yaml`.

    Raises:
        ConfigError: naming file, key and line of the first thing that is wrong.
    """
    source = Files(root).read(SECTION)
    read = read_yaml(source.text, source.name)
    places = {(SECTION, *path): place for path, place in read.places.items()}
    tree = Tree({SECTION: read.value}, {(): Place(source.name, None), ("profile",): Place("profile", None), **places})
    found = validated(ServicesConfig, tree, (SECTION,))
    if len(set(found.start)) < len(found.start):
        raise fault(tree, (SECTION, "start"), "names a service twice")
    if found.console.host not in LOOPBACK and not found.console.public:
        raise fault(
            tree, (SECTION, "console", "host"), "is beyond loopback", "name the https address of its proxy in `public`"
        )
    return found
