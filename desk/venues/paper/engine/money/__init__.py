"""What a trade does to wallets and margin, and what may be asked of them."""
