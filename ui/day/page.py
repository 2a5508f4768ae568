"""A day as one page of HTML with nothing from elsewhere: it opens from a disk, in a mail or on a phone."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from crews.record.day import Day
from ui.day.text import headline, told_of
from ui.figures import percent, usdt


def page_of(day: Day) -> str:
    """The page, every text in it escaped."""
    environment = Environment(
        loader=PackageLoader("ui.day", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(usdt=usdt, percent=percent, told_of=told_of)
    return environment.get_template("day.html.j2").render(day=day, headline=headline(day))
