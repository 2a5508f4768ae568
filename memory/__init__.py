"""What is remembered: the audit log, exact and append-only. Code only; the data lives under `var/`."""
