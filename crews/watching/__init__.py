"""Between two decisions: who looks out over many symbols, and whom the next round is about."""
