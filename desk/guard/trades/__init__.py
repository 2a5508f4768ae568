"""One trade from its order to its end: answers folded in, a stop at all times, a way out, and what came of it."""
