"""One day of the desk as people read it: as text for a terminal and a message, and as one page of HTML."""

from ui.day.page import page_of
from ui.day.text import text_of

__all__ = ["page_of", "text_of"]
