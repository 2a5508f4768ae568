"""What to want of a market: small rules with entry, exit and risk, blind to what comes, and who is heard when."""
