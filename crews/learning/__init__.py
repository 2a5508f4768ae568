"""Step nine: what came of it, remembered, scored, and turned into weights."""
