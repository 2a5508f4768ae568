"""The guard's hands and eyes at the venue: commands out, facts in, and nothing that decides."""
