"""A running `crew console` is killed at random moments, and whatever it had acknowledged is there after its restart."""
