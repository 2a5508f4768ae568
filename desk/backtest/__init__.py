"""What a rule would have done: recorded bars, honest costs, and the question whether it beats doing nothing."""
