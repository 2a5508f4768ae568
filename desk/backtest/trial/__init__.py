"""A strategy on trial: what it would have done, beside doing nothing, and how much of it is luck, cost or hindsight."""
