"""The words of the guard: what can happen, what is known, what is remembered, what may be done. Frozen values only."""
