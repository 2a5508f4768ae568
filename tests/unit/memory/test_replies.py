"""An answer is given again for exactly its question; a torn, forged or missing file is no answer."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from memory.replies import ReplyShelf

KEY, OTHER = "a" * 64, "b" * 64


def test_what_was_put_is_found_again_by_another_run(tmp_path: Path) -> None:
    ReplyShelf(tmp_path, entries=10).put(KEY, {"text": "hold"})
    shelf = ReplyShelf(tmp_path, entries=10)
    assert (shelf.get(KEY), shelf.get(OTHER), len(shelf)) == ({"text": "hold"}, None, 1)


@pytest.mark.parametrize("torn", [b"", b'{"key": "', b"[]", b'"text"', b"\xff\xfe", b"[" * 200_000])
def test_a_file_that_does_not_read_is_no_answer(tmp_path: Path, torn: bytes) -> None:
    shelf = ReplyShelf(tmp_path, entries=10)
    shelf.put(KEY, {"text": "hold"})
    [path] = tmp_path.glob("*/*.json")
    path.write_bytes(torn)
    assert shelf.get(KEY) is None


def test_an_answer_under_another_questions_name_is_no_answer(tmp_path: Path) -> None:
    shelf = ReplyShelf(tmp_path, entries=10)
    shelf.put(KEY, {"text": "hold"})
    [path] = tmp_path.glob("*/*.json")
    (tmp_path / "bb").mkdir()
    (tmp_path / "bb" / f"{OTHER}.json").write_bytes(path.read_bytes())
    assert shelf.get(OTHER) is None


def test_a_reader_beside_a_writer_finds_the_whole_answer_or_none(tmp_path: Path) -> None:
    shelf, seen = ReplyShelf(tmp_path, entries=10), set[object]()
    writer = threading.Thread(target=lambda: [shelf.put(KEY, {"text": str(n % 2) * 20_000}) for n in range(200)])
    writer.start()
    while writer.is_alive():
        kept = shelf.get(KEY)
        seen.add(None if kept is None else (len(kept["text"]), len(set(kept["text"]))))
    writer.join()
    assert seen <= {None, (20_000, 1)}
    assert not list(tmp_path.glob("*/.*")), "a part of a file was left behind"


def test_the_answers_unused_for_longest_go_first(tmp_path: Path) -> None:
    shelf = ReplyShelf(tmp_path, entries=10)
    keys = [f"{n:064x}" for n in range(11)]
    for age, key in enumerate(keys[:10]):
        shelf.put(key, {"n": age})
        os.utime(tmp_path / key[:2] / f"{key}.json", (1000 + age, 1000 + age))
    assert shelf.get(keys[0]) == {"n": 0}
    shelf.put(keys[10], {"n": 10})
    assert [key for key in keys if shelf.get(key) is None] == [keys[1], keys[2]]
    assert len(shelf) == 9


def test_a_folder_that_cannot_be_written_costs_the_answer_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    shelf = ReplyShelf(tmp_path / "file", entries=10)
    shelf.put(KEY, {"text": "hold"})
    assert shelf.get(KEY) is None
