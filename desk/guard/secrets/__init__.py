"""Keys come in here, go to the gateway alone, and stand in no text that leaves."""
