"""What the venue remembers of its markets and accounts, and how it is read."""
