"""Step one: everything a decision may look at, gathered into one frozen snapshot."""
