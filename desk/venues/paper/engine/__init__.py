"""The matching and margin engine: pure, exact, without wire, file or wall clock. `exchange` is its only door."""
