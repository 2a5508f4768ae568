"""A paper venue, not a mock: an engine that keeps Binance USD-M rules, and the process that serves it.

`values` is the whole vocabulary, `exchange` the engine's only door, `store` its durable memory. The engine reads no
file, no socket and no wall clock, so a backtest drives the very code that the wire server wraps.
"""
