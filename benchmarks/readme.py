"""Writes the README's outputs and times from a real run in a fresh clone: `python -m benchmarks.readme`.

Clones the committed tree into a temporary folder, runs the two-word command as a stranger would, then a second time and
the question why, and puts what was printed between the README's markers. Nothing is edited by hand.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHART = ROOT / "docs" / "images" / "decision-chart.png"
WIDTH = "104"


def main() -> None:
    """Run, then write."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "crewdesk"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        first, first_seconds = run(clone, "kickoff", "BTCUSDT")
        _, second_seconds = run(clone, "kickoff", "BTCUSDT")
        why, _ = run(clone, "audit", "why", decision_of(first))
        CHART.parent.mkdir(parents=True, exist_ok=True)
        run(clone, "audit", "chart", decision_of(first), "--out", str(CHART))
    text = (ROOT / "README.md").read_text()
    text = put(text, "kickoff", fenced("$ ./crew kickoff BTCUSDT", first))
    text = put(text, "why", fenced("$ crew audit why", why))
    text = put(text, "times", times(first_seconds, second_seconds))
    (ROOT / "README.md").write_text(text)
    sys.stdout.write(f"first {first_seconds:.1f} s, second {second_seconds:.1f} s\n")


def run(clone: Path, *words: str) -> tuple[str, float]:
    """What `./crew words` printed, and how long it took."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "UV_CACHE_DIR") if name in os.environ}
    began = time.monotonic()
    ran = subprocess.run(
        ["./crew", *words], cwd=clone, env={**kept, "COLUMNS": WIDTH, "NO_COLOR": "1"}, capture_output=True, text=True
    )
    if ran.returncode:
        sys.exit(f"./crew {' '.join(words)} ended with {ran.returncode}:\n{ran.stderr}")
    return ran.stdout, time.monotonic() - began


def decision_of(output: str) -> str:
    """The id of the last decision on a kickoff's screen."""
    return re.findall(r"crew audit why (\S+)", output)[-1]


def fenced(command: str, output: str) -> str:
    """A block of output as it was printed."""
    lines = [line.rstrip() for line in output.strip("\n").splitlines()]
    return "\n".join(["```", command, *lines, "```"])


def times(first: float, second: float) -> str:
    """One sentence of times with their conditions."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    return (
        f"From a fresh clone to that screen: {first:.0f} s with the packages in uv's cache, set-up included; "
        f"the second time {second:.0f} s. ({machine}, commit {commit.strip()}, written by `benchmarks/readme.py`.)"
    )


def put(text: str, name: str, content: str) -> str:
    """The text with this content between the markers of `name`."""
    pattern = rf"(<!-- output:{name} -->\n).*?(<!-- /output:{name} -->)"
    return re.sub(pattern, lambda found: f"{found[1]}{content}\n{found[2]}", text, flags=re.DOTALL)


if __name__ == "__main__":
    main()
