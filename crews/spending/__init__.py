"""What models may cost and did cost."""
