"""The desk's own side of each comparison, as programs that are told a job and tell what they spent, like the peers."""
