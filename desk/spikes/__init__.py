"""Sudden moves, measured in the symbol's own volatility, and how much there is behind each of them."""
