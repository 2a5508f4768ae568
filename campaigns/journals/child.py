"""`python -m campaigns.journals.child FOLDER ROWS`: writes rows to a journal and says aloud what was acknowledged.

Run under strace, which fails or kills it at a chosen system call. `ack N` on standard output means that row N was said
to be durable; `refused N` that the journal said it was not.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from desk.domain.errors import JournalError
from desk.guard.record.journal import open_journal


def main(folder: Path, rows: int) -> int:
    """Append until done. Returns 0, or 4 when a journal did not open."""
    try:
        journal = open_journal(folder / "journal.sqlite")
    except (JournalError, OSError) as error:
        _say(f"closed {error}")
        return 4
    for number in range(1, rows + 1):
        try:
            row = journal.append("event", f'{{"number":{number}}}')
        except (JournalError, OSError):
            _say(f"refused {number}")
        else:
            _say(f"ack {row.seq}")
    return 0


def _say(text: str) -> None:
    os.write(1, (text + "\n").encode())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
