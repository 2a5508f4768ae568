"""What survives a crash: one chain of rows, and the same state from them, hash for hash."""
