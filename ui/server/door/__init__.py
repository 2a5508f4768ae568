"""The door: every request passes here before anything of the desk hears of it.

It asks, in this order: is this address ours, does the path exist for anybody, does another site send this, is it too
large or too often, who is it, did their own page send it, may they. What is not allowed by name is refused.
"""

from ui.server.door.door import Door
from ui.server.door.place import Place

__all__ = ["Door", "Place"]
