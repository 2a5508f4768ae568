"""Forty planted secrets, looked for in fifteen places the desk writes to. `python -m benchmarks.secret_grid`."""
