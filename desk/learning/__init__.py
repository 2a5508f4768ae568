"""What the desk learns by itself: a table of what each market state taught, earned from history and from own trades."""
