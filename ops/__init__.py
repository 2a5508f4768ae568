"""What keeps a desk running for months: who is started, watched and started again, and what they leave written."""
