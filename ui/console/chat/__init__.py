"""The chat: plain sentences and slash commands become one of a few wishes, answered from the record, with no model.

It can ask, decide, pause and make safer. It can never reset the breaker, raise a limit or go live, and it says so.
"""

from ui.console.chat.chat import Chat
from ui.console.chat.said import Said, Step

__all__ = ["Chat", "Said", "Step"]
