"""Where orders go: the paper exchange and Binance behind the same ports, told apart by base URL, key and profile."""
