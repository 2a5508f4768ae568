"""What one core carries, and what breaks first on the way to many accounts: `python -m benchmarks.scale`.

Real guards, one an account, started as the product starts them, on one exchange that lists five hundred symbols; more
of them at each step, until something breaks. At the end of each step the market falls for all of them at once.
"""
