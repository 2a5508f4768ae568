"""The window: all that may be seen of a desk from outside, for console, REST, MCP and metrics alike.

Each pane looks at one thing (guard, market, record, books, services) and says so when it cannot see; no pane keeps an
old number to show in place of a missing one.
"""

from ui.window.window import Window

__all__ = ["Window"]
