"""Programs of other makers, each as published and in an environment of its own, driven against the paper exchange.

`make conformance` builds the environments, starts the exchange through its own command, runs every suite and writes
docs/conformance.md. Nothing in here knows how the exchange works inside: an address and a key are all it is given.
"""
