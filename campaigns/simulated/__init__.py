"""The world in one process: the production guard on the production engine, an invented market, a network that fails.

Everything follows from one seed and a virtual clock: the same seed plays the same run, row for row of the journal.
"""
