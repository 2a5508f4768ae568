"""Pictures of the console for the docs: every tab, dark, light and on a phone, from a demo desk that has decided.

`python -m benchmarks.console_pictures` starts a desk in a temporary home (seed 3 of the invented market), lets the crew
decide in the chat, and writes `docs/images/console-*.png`, reduced to 128 colours.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from tests.browser import Seen, logged_in
from tests.console_process import RunningConsole, console
from tests.crew_command import Operator

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images"
TABS = ("Desk", "Decisions", "Performance", "Intelligence", "Learning", "Agents", "Health")
LOOKS = (("dark", 1440, 900, "dark"), ("light", 1440, 900, "light"), ("phone", 390, 844, "dark"))
ROUNDS = 40
COLOURS = 128


def main() -> None:
    with tempfile.TemporaryDirectory() as home, console(Operator(Path(home))) as running:
        decide(running)
        written = [picture for look in LOOKS for picture in pictures(running, *look)]
    total = sum(path.stat().st_size for path in written)
    print(f"{len(written)} pictures, {total / 1024:.0f} KiB, in {FOLDER}")


def decide(running: RunningConsole) -> None:
    """Let the crew decide for some rounds, so that there is something to see."""
    ran = running.operator.crew("kickoff", "--cycles", str(ROUNDS), "--json", timeout=900)
    assert ran.code == 0, ran.err[-2000:]


def pictures(running: RunningConsole, look: str, width: int, height: int, scheme: str) -> Iterator[Path]:
    with logged_in(running, width=width, height=height, scheme=scheme) as seen:
        seen.page.wait_for_selector("#chart canvas")
        converse(seen, look)
        for tab in TABS:
            seen.tab(tab)
            seen.page.wait_for_timeout(2500)
            yield keep(seen.page.screenshot(full_page=look == "phone"), f"console-{tab.lower()}-{look}.png")


def converse(seen: Seen, look: str) -> None:
    """A conversation worth a picture: the crew decides while one looks; later looks only ask."""
    seen.say("kickoff BTC" if look == "dark" else "how are we doing")
    wanted = "#chat >> text=/Guard: /" if look == "dark" else "#chat >> text=/may still be lost/"
    seen.page.wait_for_selector(wanted, timeout=400_000)


def keep(png: bytes, name: str) -> Path:
    """Write a picture with few colours: screens are flat, and the docs stay light."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / name
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


if __name__ == "__main__":
    main()
