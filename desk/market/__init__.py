"""What the market showed at one moment, and what its candles, book, funding and chart say in numbers.

Pure: every answer follows from its arguments, so an audit recomputes it bit-equal from a stored snapshot.
"""
