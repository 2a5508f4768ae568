"""alerts.yaml as who is told what, read as strictly as every other file of the operator. No secret stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from config.capabilities import nearest
from config.faults import fault, validated
from config.files import Files
from config.leaks import refuse_secrets
from config.models import LOOPBACK
from config.part import Frozen, Name, Part, Text
from config.webhooks import Variable, WebhookSettings
from config.yaml_tree import Path as KeyPath
from config.yaml_tree import Place, Tree, read_yaml
from desk.alerts import Kind
from desk.domain.errors import PrerequisiteError
from desk.guard.bounds.limits import STRICTER

SECTION = "alerts"
Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LevelName = Literal["INFO", "WARNING", "CRITICAL"]


class ChannelSettings(Part):
    """One way to a person. `least` is the least level it carries."""

    url_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] = Field(description="variable that holds its URL")
    least: LevelName = "INFO"
    kinds: tuple[Name, ...] = Field((), description="only these kinds of alert; none means all")
    base_url: str = Field("", description="Telegram, Discord: a server of your own that speaks their protocol")


class QuietHours(Part):
    """A span of the day without anything but CRITICAL; over midnight where it ends before it begins."""

    start: Time = Field(alias="from")
    until: Time
    days: tuple[Weekday, ...] = Field((), description="days on which it begins; none means all")


class DiskSettings(Part):
    """Free megabytes that raise an alert."""

    warning_mb: int = Field(ge=1)
    critical_mb: int = Field(ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.critical_mb >= self.warning_mb:
            raise ValueError("`critical_mb` should be less than `warning_mb`")
        return self


class Response(StrEnum):
    """What an unread CRITICAL alert does by itself."""

    NONE = "none"
    TIGHTEN = "tighten"
    HALT = "halt"


class UnreadSettings(Part):
    """What happens when nobody acknowledges."""

    after_seconds: float = Field(ge=5, le=86_400)
    act: Response
    limits: Frozen[Decimal] = Field(default_factory=dict[str, Decimal], description="tighten: stricter values by name")

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if (self.act is Response.TIGHTEN) != bool(self.limits):
            raise ValueError("`limits` belong to act `tighten`, which needs at least one")
        return self


class TelegramSettings(Part):
    """The bot that answers. `chats` are private chats by number: of a group's members nobody knows who they are."""

    token_env: Variable = ""
    chats: tuple[Annotated[int, Field(gt=0)], ...] = ()
    base_url: Text

    @model_validator(mode="after")
    def _reaches_somebody(self) -> Self:
        parts = urlsplit(self.base_url)
        if parts.scheme != "https" and (parts.hostname or "") not in LOOPBACK:
            raise ValueError("`base_url` should be https")
        if self.token_env and not self.chats:
            raise ValueError("needs `chats`: a bot that listens to nobody is of no use")
        return self


class AlertSettings(Part):
    """The whole file."""

    channels: Frozen[ChannelSettings]
    webhooks: Frozen[WebhookSettings] = Field(default_factory=dict[str, WebhookSettings])
    timezone: Text = "UTC"
    quiet_hours: tuple[QuietHours, ...] = ()
    repeat_minutes: float = Field(ge=0, le=1440)
    most_an_hour: int = Field(ge=1, le=1000)
    digest_minutes: float = Field(ge=1, le=1440)
    retry_hours: float = Field(gt=0, le=168)
    guard_silent_seconds: float = Field(ge=1, le=600)
    disk: DiskSettings
    unread: UnreadSettings
    telegram: TelegramSettings

    @property
    def repeat(self) -> timedelta:
        """Within so long the same again is counted with the first, whoever posts it."""
        return timedelta(minutes=self.repeat_minutes)


def load_alerts(root: Path | None = None) -> AlertSettings:
    """The packaged file, or that of the operator's folder where it has an `alerts.yaml`.

    Raises:
        ConfigError: naming file, key and line of the first thing that is wrong.
    """
    source = Files(root).read(SECTION)
    read = read_yaml(source.text, source.name)
    places = {(SECTION, *path): place for path, place in read.places.items()}
    tree = Tree({SECTION: read.value}, {(): Place(source.name, None), ("profile",): Place("profile", None), **places})
    refuse_secrets(tree)
    settings = validated(AlertSettings, tree, (SECTION,))
    for path, message, hint in _findings(settings):
        raise fault(tree, (SECTION, *path), message, hint)
    return settings


def secret_of(variable: str, environ: Mapping[str, str]) -> str:
    """The secret a variable holds. Raises PrerequisiteError, which names the variable alone, when it holds none."""
    value = environ.get(variable, "").strip()
    if not value:
        raise PrerequisiteError(f"{variable} is not set", hint="set it in the environment; alerts.yaml names it")
    return value


def _findings(settings: AlertSettings) -> Iterator[tuple[KeyPath, str, str]]:
    try:
        ZoneInfo(settings.timezone)
    except (OSError, ValueError, KeyError):
        yield ("timezone",), "no time zone has this name", "such as UTC or Europe/Berlin"
    for name, channel in settings.channels.items():
        parts = urlsplit(channel.base_url)
        if channel.base_url and parts.scheme != "https" and (parts.hostname or "") not in LOOPBACK:
            yield ("channels", name, "base_url"), "should be https", ""
    yield from _strange_kinds(settings)
    for name in settings.webhooks.keys() & settings.channels.keys():
        yield ("webhooks", name), "a channel has this name already", ""
    for index, hours in enumerate(settings.quiet_hours):
        if hours.start == hours.until:
            yield ("quiet_hours", index), "begins and ends at the same time", ""
    for name in settings.unread.limits:
        if name not in STRICTER:
            yield ("unread", "limits", name), "the guard has no limit of this name", nearest(name, STRICTER)


def _strange_kinds(settings: AlertSettings) -> Iterator[tuple[KeyPath, str, str]]:
    for part, named in (("channels", settings.channels), ("webhooks", settings.webhooks)):
        for name, one in named.items():
            for kind in one.kinds:
                if kind not in list(Kind):
                    yield (
                        (part, name, "kinds"),
                        f"no alert is of kind {kind}",
                        nearest(kind, tuple(Kind)),
                    )
