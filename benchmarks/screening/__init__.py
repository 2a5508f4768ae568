"""Fifty recorded symbols at sixty times their speed, from the stream's messages to the crew's decisions."""
