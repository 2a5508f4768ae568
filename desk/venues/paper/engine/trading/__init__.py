"""How an order is let in, waits, is met, changed and ended."""
