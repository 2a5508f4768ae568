"""docs/faults.md is what an operator reads: its example works, and no kind and no condition is missing from it."""

import re
from pathlib import Path
from typing import get_args

from desk.venues.paper.faults.kinds import Fault
from desk.venues.paper.faults.script import read_script
from desk.venues.paper.faults.when import OnMessage, OnRequest, When

PAGE = (Path(__file__).parents[6] / "docs" / "faults.md").read_text()
KINDS = {model.model_fields["kind"].default: model for model in get_args(Fault)}


def rows(title: str) -> dict[str, str]:
    """The table of a section, by first column."""
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return {row[0]: row[1] for row in re.findall(r"^\| `(.+?)` \|(.*)$", section, re.MULTILINE)}


def test_the_example_is_a_script(tmp_path: Path) -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "bad-day.yaml"
    file.write_text("".join(example))
    assert len(read_script(file).rules) == 7


def test_every_kind_is_listed_with_every_measure() -> None:
    listed = rows("Kinds")
    assert listed.keys() == KINDS.keys()
    conditions = OnRequest.model_fields.keys() | OnMessage.model_fields.keys()
    for kind, model in KINDS.items():
        for measure in model.model_fields.keys() - conditions - {"kind"}:
            assert f"`{measure}`" in listed[kind], f"{kind} does not tell of {measure}"


def test_every_condition_is_listed() -> None:
    told = " ".join(rows("A script"))
    for condition in When.model_fields.keys() | OnRequest.model_fields.keys() | OnMessage.model_fields.keys():
        assert condition in told.replace("`", "")
