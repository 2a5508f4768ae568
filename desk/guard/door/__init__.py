"""The guard's door on loopback: a strict grammar in, verdicts and status out, and the client that knocks."""
