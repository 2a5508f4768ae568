"""The guard as a process: its loop, its settings, its logs, and the watcher beside it."""
