"""`python -m ui` is `crew`: for whoever starts it from this very interpreter."""

from __future__ import annotations

from ui.cli import main

if __name__ == "__main__":
    main()
