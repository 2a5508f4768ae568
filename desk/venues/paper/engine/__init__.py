"""The matching and margin engine: pure, exact, without wire, file or wall clock. `exchange` is its only door.

`vocabulary` names things, `floor` remembers them. `trading` lets orders in and matches them, `moves` is what prices and
time do, `money` and `liquidation` what that does to wallets, `storage` keeps it. `values` is every word in one import.
"""
