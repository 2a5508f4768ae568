"""What every shipped strategy came to out of sample, what the guard made of it, and what choosing among them cost."""
