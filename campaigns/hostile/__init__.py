"""What an attacker can send: broken texts by the million, a month of well-formed greed; and honest work beside it."""

from __future__ import annotations

from campaigns.hostile.honest import honest
from campaigns.hostile.owned import owned
from campaigns.hostile.texts import texts

__all__ = ["honest", "owned", "texts"]
