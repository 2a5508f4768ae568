"""What the account is worth, what it may still lose, the latch that ends a day, and the two steps that lift it."""
