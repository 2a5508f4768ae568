"""What is shown: the `crew` command and its screens. Nothing here decides; it asks, waits, and prints."""
